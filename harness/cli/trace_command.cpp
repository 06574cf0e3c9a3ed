#include <CLI/CLI.hpp>

#include "harness/cli/commands.hpp"
#include "harness/cli/recording_commands.hpp"
#include "harness/report/trace_files.hpp"
#include "record/files/recording_files.hpp"

namespace rehearsal::harness {
namespace {

class TraceCommand final : public Command {
 public:
  TraceCommand(CLI::App& parent, const Catalog& catalog)
      : Command(parent.add_subcommand("trace", "Look at traces"), catalog),
        show_(app().add_subcommand("show", "Print the events of a trace or a recording")) {
    app().require_subcommand(1);
    show_->add_option("file", left_, "The trace; of a recording its directory, or one file of it")
        ->required()
        ->type_name("FILE|DIR");
    CLI::App* diff = app().add_subcommand("diff", "Find the first event at which two traces part");
    diff->add_option("left", left_, "A trace")->required()->type_name("FILE");
    diff->add_option("right", right_, "Another one")->required()->type_name("FILE");
  }

  int run() override {
    if (!show_->parsed()) {
      return diff_traces(left_, right_);
    }
    if (record::is_recording(left_)) {
      show_recording(left_);
    } else {
      show_trace(left_);
    }
    return 0;
  }

 private:
  CLI::App* show_;
  // What the flags say.
  std::string left_;
  std::string right_;
};

}  // namespace

std::unique_ptr<Command> add_trace_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<TraceCommand>(app, catalog);
}

}  // namespace rehearsal::harness

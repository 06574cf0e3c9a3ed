#include <CLI/CLI.hpp>

#include "harness/cli/commands.hpp"
#include "harness/cli/recording_commands.hpp"
#include "harness/report/trace_files.hpp"
#include "record/files/recording_files.hpp"

namespace rehearsal::harness {
namespace {

class TraceCommand final : public Command {
 public:
  TraceCommand(CLI::App& app, const Catalog& catalog)
      : catalog_(catalog), trace_(app.add_subcommand("trace", "Look at traces")) {
    trace_->require_subcommand(1);
    show_ = trace_->add_subcommand("show", "Print the events of a trace or a recording");
    show_->add_option("file", left_, "The trace; of a recording its directory, or one file of it")
        ->required()
        ->type_name("FILE|DIR");
    CLI::App* diff =
        trace_->add_subcommand("diff", "Find the first event at which two traces part");
    diff->add_option("left", left_, "A trace")->required()->type_name("FILE");
    diff->add_option("right", right_, "Another one")->required()->type_name("FILE");
  }

  [[nodiscard]] bool asked() const override { return trace_->parsed(); }

  int run() override {
    if (show_->parsed() && record::is_recording(left_)) {
      return show_recording(catalog_.program, left_);
    }
    return show_->parsed() ? show_trace(catalog_.program, left_)
                           : diff_traces(catalog_.program, left_, right_);
  }

 private:
  const Catalog& catalog_;
  CLI::App* trace_;
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

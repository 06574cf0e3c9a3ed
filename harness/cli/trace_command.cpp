#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "harness/cli/commands.hpp"
#include "harness/cli/recording_commands.hpp"
#include "harness/cli/shrink_flags.hpp"
#include "harness/report/export/trace_run.hpp"
#include "harness/report/trace_files.hpp"
#include "record/files/recording_files.hpp"

namespace rehearsal::harness {
namespace {

struct TraceFlags {
  std::string left;
  std::string right;
  RunFiles files;
  bool no_payload = false;
};

int show_in_files(const TraceFlags& flags, const std::string& program) {
  TraceRun run;
  if (record::is_recording(flags.left)) {
    read_recording(flags.left, run);
  } else {
    read_trace(flags.left, run);
  }
  PageOptions options;
  options.program = program;
  options.payload = !flags.no_payload;
  return write_files(program, flags.files, run.contents(flags.files, options), 0);
}

}  // namespace

Command add_trace_command(CLI::App& app, const Catalog& catalog) {
  CLI::App* trace = app.add_subcommand("trace", "Print and compare traces");
  trace->require_subcommand(1);
  const auto flags = std::make_shared<TraceFlags>();
  CLI::App* show = trace->add_subcommand("show", "Print the events of a trace or a recording");
  show->add_option("file", flags->left,
                   "A trace, the directory of a recording, or one of its files")
      ->required()
      ->type_name("FILE|DIR");
  add_file_flags(*show, flags->files);
  show->add_flag("--no-payload", flags->no_payload, "Leave the bytes of messages out of the page")
      ->needs("--html");
  CLI::App* diff =
      trace->add_subcommand("diff", "Print the first event at which two traces differ");
  diff->add_option("left", flags->left, "First trace")->required()->type_name("FILE");
  diff->add_option("right", flags->right, "Second trace")->required()->type_name("FILE");
  return {trace, [flags, show, &catalog] {
            if (!show->parsed()) {
              return diff_traces(flags->left, flags->right);
            }
            if (flags->files.any()) {
              return show_in_files(*flags, catalog.program);
            }
            if (record::is_recording(flags->left)) {
              show_recording(flags->left);
            } else {
              show_trace(flags->left);
            }
            return 0;
          }};
}

}  // namespace rehearsal::harness

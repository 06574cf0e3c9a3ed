// Recording a server in production, and replaying it.
//
//   recording   Recording, Recorder, RecorderOptions, PayloadKept
//   replaying   Recorded, RecordingHead, ReplayStopped
#pragma once

#include "record/files/recorder.hpp"
#include "record/recorded.hpp"
#include "record/recording.hpp"

namespace rehearsal {

using record::Recorder;
using record::RecorderOptions;
using sched::PayloadKept;
using sched::Recording;

using sched::Recorded;
using sched::RecordingHead;
using sched::ReplayStopped;

}  // namespace rehearsal

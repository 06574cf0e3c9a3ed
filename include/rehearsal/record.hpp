// Records a server in production, and replays the recording.
//
//     recording   Recording, Recorder, RecorderOptions, PayloadKept
//     replaying   Recorded, RecordingHead, ReplayStopped
#pragma once

#include "record/files/recorder.hpp"
#include "record/recorded.hpp"
#include "record/recording.hpp"

namespace rehearsal {

using record::PayloadKept;
using record::Recorder;
using record::RecorderOptions;
using record::Recording;

using record::Recorded;
using record::RecordingHead;
using record::ReplayStopped;

}  // namespace rehearsal

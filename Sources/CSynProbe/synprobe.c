/* SwiftPM wants a source file in a C target; the interface is implemented in Swift (Sources/SynABI). */
#include "synprobe.h"

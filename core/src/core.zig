//! The layers of the core by name, lowest first, for programs that use the core from Zig (the benchmarks).
//! No layer imports this file: each names the lower ones it needs.

//! Micro benchmarks of the core: one line of JSON each.

pub fn main() void {}

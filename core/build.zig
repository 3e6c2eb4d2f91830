//! Builds the Janus core: the shared library the interpreter loads, its tests and its micro benchmarks.
//!
//!   zig build                  zig-out/lib/libjanus.so, ReleaseFast unless -Doptimize says otherwise
//!   zig build test             every test of every layer, ReleaseSafe unless -Doptimize says otherwise
//!   zig build fuzz             the fuzzers of the core only; -Dseeds=N for how many each tries, -Dfrom=N for the first
//!   zig build check            compiles everything and runs nothing
//!   zig build bench            micro benchmarks, one line of JSON each
//!   zig build bench-build      only builds them: zig-out/bin/janus-core-bench
//!   zig build manifest         writes interp/runtime/abi.generated.ts, the TypeScript side of the boundary
//!
//! Options: -Dtsan=true (thread sanitizer, tests only), -Dtest-filter=TEXT, -Dtarget=aarch64-linux.
//! A foreign target's tests run under qemu-user with `-fqemu`.

const std = @import("std");

pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.option(
        std.builtin.Optimize,
        "optimize",
        "debug, safe, fast or small (default: fast for the library and benchmarks, safe for tests)",
    );
    const tsan = b.option(bool, "tsan", "Build the tests with the thread sanitizer") orelse false;
    const filters = b.option([]const []const u8, "test-filter", "Run only tests whose name contains this") orelse
        &.{};

    const os = target.result.os.tag;
    const arch = target.result.cpu.arch;
    if (os != .linux or (arch != .x86_64 and arch != .aarch64)) {
        const fail = b.addFail("the Janus core supports x86_64-linux and aarch64-linux");
        b.getInstallStep().dependOn(&fail.step);
        return;
    }

    const check_step = b.step("check", "Compile everything, run nothing");

    // The library. LLVM always: the other backends know neither the sanitizer nor every assembly constraint in use.
    const library = b.addLibrary(.{
        .name = "janus",
        .linkage = .dynamic,
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/abi.zig"),
            .target = target,
            .optimize = optimize orelse .fast,
        }),
        .use_llvm = true,
    });
    b.installArtifact(library);
    check_step.dependOn(&library.step);

    const tests = b.addTest(.{
        .name = "core",
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/root_test.zig"),
            .target = target,
            .optimize = optimize orelse .safe,
            .sanitize_thread = tsan,
            // The sanitizer learns of new threads through pthread_create only.
            .link_libc = if (tsan) true else null,
        }),
        .filters = filters,
        .use_llvm = true,
    });
    const seeds = b.option(u64, "seeds", "How many seeds each fuzzer tries (default 200)") orelse 200;
    const from = b.option(u64, "from", "The first seed of the fuzzers (default 1)") orelse 1;
    const fuzz_options = b.addOptions();
    fuzz_options.addOption(u64, "seeds", seeds);
    fuzz_options.addOption(u64, "from", from);
    tests.root_module.addOptions("fuzz_options", fuzz_options);
    check_step.dependOn(&tests.step);
    const test_step = b.step("test", "Run the tests of every layer");
    const run_tests = b.addRunArtifact(tests);
    // Stress tests differ from run to run, and whoever counts results needs them printed: never take them from cache.
    run_tests.has_side_effects = true;
    test_step.dependOn(&run_tests.step);

    const fuzzers = b.addTest(.{
        .name = "core-fuzz",
        .root_module = tests.root_module,
        .filters = &.{"fuzz"},
        .use_llvm = true,
    });
    const run_fuzzers = b.addRunArtifact(fuzzers);
    run_fuzzers.has_side_effects = true;
    const fuzz_step = b.step("fuzz", "Run the fuzzers of the core with -Dseeds and -Dfrom");
    fuzz_step.dependOn(&run_fuzzers.step);

    const core_module = b.createModule(.{
        .root_source_file = b.path("src/core.zig"),
        .target = target,
        .optimize = optimize orelse .fast,
    });
    const bench = b.addExecutable(.{
        .name = "janus-core-bench",
        .root_module = b.createModule(.{
            .root_source_file = b.path("bench/main.zig"),
            .target = target,
            .optimize = optimize orelse .fast,
            .imports = &.{.{ .name = "core", .module = core_module }},
        }),
        .use_llvm = true,
    });
    check_step.dependOn(&bench.step);
    // Also installed, for `janus bench`, which runs it without building anything.
    const install_bench = b.addInstallArtifact(bench, .{});
    const install_bench_step = b.step("bench-build", "Build zig-out/bin/janus-core-bench and do not run it");
    install_bench_step.dependOn(&install_bench.step);
    const run_bench = b.addRunArtifact(bench);
    run_bench.addPassthruArgs();
    const bench_step = b.step("bench", "Run the micro benchmarks: one line of JSON each");
    bench_step.dependOn(&run_bench.step);
    bench_step.dependOn(&install_bench.step);

    const manifest = b.addExecutable(.{
        .name = "manifest",
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/manifest_main.zig"),
            .target = b.graph.host,
            .optimize = .debug,
        }),
        .use_llvm = true,
    });
    check_step.dependOn(&manifest.step);
    const run_manifest = b.addRunArtifact(manifest);
    const generated = b.addUpdateSourceFiles();
    generated.addCopyFileToSource(run_manifest.captureStdOut(.{}), "../interp/runtime/abi.generated.ts");
    const manifest_step = b.step("manifest", "Write the TypeScript side of the boundary");
    manifest_step.dependOn(&generated.step);
}

//! Builds the Janus core: the shared library the interpreter loads, its tests and its micro benchmarks.
//!
//!   zig build                  zig-out/lib/libjanus.so, ReleaseSafe unless -Doptimize says otherwise
//!   zig build test             every test of every layer, ReleaseSafe unless -Doptimize says otherwise
//!   zig build fuzz             the fuzzers of the core only; -Dseeds=N for how many each tries, -Dfrom=N for the first
//!   zig build interleavings    every order of steps of a few threads; -Dpreemptions=N for how many (default 2)
//!   zig build test-tsan        the same with the thread sanitizer, and a race on purpose that it has to report
//!   zig build test-aarch64     the same, built for aarch64 and run under qemu-user
//!   zig build test-build       zig-out/bin/janus-core-test, the same tests for tests/campaign.ts
//!   zig build check            compiles everything and runs nothing
//!   zig build bench            micro benchmarks, one line of JSON each
//!   zig build bench-build      only builds them: zig-out/bin/janus-core-bench
//!   zig build manifest         writes interp/runtime/abi.generated.ts, the TypeScript side of the boundary
//!
//! Options: -Dtsan=true (thread sanitizer, tests only), -Dtest-filter=TEXT, -Dtarget=aarch64-linux.

const std = @import("std");

pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.option(
        std.builtin.Optimize,
        "optimize",
        "debug, safe, fast or small (default: safe)",
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
            .optimize = optimize orelse .safe,
        }),
        .use_llvm = true,
    });
    b.installArtifact(library);
    check_step.dependOn(&library.step);

    const suite: Suite = .{ .b = b, .target = target, .optimize = optimize orelse .safe, .tsan = tsan };
    const seeds = b.option(u64, "seeds", "How many seeds each fuzzer tries (default 200)");
    const from = b.option(u64, "from", "The first seed of the fuzzers (default 1)");
    const tests = suite.compile("core", filters);
    check_step.dependOn(&tests.step);
    b.step("test", "Run the tests of every layer").dependOn(&run(b, tests, seeds, from).step);
    const fuzzers = suite.compile("core-fuzz", &.{"fuzz"});
    b.step("fuzz", "Run the fuzzers of the core with -Dseeds and -Dfrom").dependOn(&run(b, fuzzers, seeds, from).step);
    const cases: []const []const u8 = if (filters.len > 0) filters else &.{"interleavings"};
    const interleavings = run(b, suite.compile("core-interleavings", cases), null, null);
    const preemptions = b.option(u32, "preemptions", "How many preemptions a run of the interleaving tests may have");
    interleavings.setEnvironmentVariable("JANUS_PREEMPTIONS", b.fmt("{d}", .{preemptions orelse 2}));
    b.step("interleavings", "Try the interleavings of the core's protocols").dependOn(&interleavings.step);
    // For campaigns, which run it again and again with other seeds.
    const installed = b.addInstallArtifact(tests, .{ .dest_sub_path = "janus-core-test" });
    b.step("test-build", "Build zig-out/bin/janus-core-test and do not run it").dependOn(&installed.step);

    addSanitized(b, suite, filters, seeds, from);
    addForeign(b, suite, filters, seeds, from);

    const core_module = b.createModule(.{
        .root_source_file = b.path("src/core.zig"),
        .target = target,
        .optimize = optimize orelse .safe,
    });
    const bench = b.addExecutable(.{
        .name = "janus-core-bench",
        .root_module = b.createModule(.{
            .root_source_file = b.path("bench/main.zig"),
            .target = target,
            .optimize = optimize orelse .safe,
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

/// How the tests are built.
const Suite = struct {
    b: *std.Build,
    target: std.Build.ResolvedTarget,
    optimize: std.builtin.Optimize,
    tsan: bool,

    fn compile(suite: Suite, name: []const u8, filters: []const []const u8) *std.Build.Step.Compile {
        return suite.b.addTest(.{
            .name = name,
            .root_module = suite.module("src/root_test.zig"),
            .filters = filters,
            .use_llvm = true,
        });
    }

    fn module(suite: Suite, root: []const u8) *std.Build.Module {
        return suite.b.createModule(.{
            .root_source_file = suite.b.path(root),
            .target = suite.target,
            .optimize = suite.optimize,
            .sanitize_thread = suite.tsan,
            // The sanitizer learns of new threads through pthread_create only.
            .link_libc = if (suite.tsan) true else null,
        });
    }
};

fn run(b: *std.Build, tests: *std.Build.Step.Compile, seeds: ?u64, from: ?u64) *std.Build.Step.Run {
    const step = b.addRunArtifact(tests);
    setUp(b, step, seeds, from);
    return step;
}

fn setUp(b: *std.Build, step: *std.Build.Step.Run, seeds: ?u64, from: ?u64) void {
    // Stress tests differ from run to run, and whoever counts results needs them printed: never take them from cache.
    step.has_side_effects = true;
    if (seeds) |n| step.setEnvironmentVariable("JANUS_FUZZ_SEEDS", b.fmt("{d}", .{n}));
    if (from) |n| step.setEnvironmentVariable("JANUS_FUZZ_FROM", b.fmt("{d}", .{n}));
}

/// Every test under the thread sanitizer, and a program with a race on purpose, which the sanitizer has to report:
/// else its silence would mean nothing.
fn addSanitized(b: *std.Build, suite: Suite, filters: []const []const u8, seeds: ?u64, from: ?u64) void {
    const step = b.step("test-tsan", "Run the tests with the thread sanitizer, and see that it finds a race");
    var sanitized = suite;
    sanitized.tsan = true;
    step.dependOn(&run(b, sanitized.compile("core-tsan", filters), seeds, from).step);
    const canary = b.addExecutable(.{
        .name = "tsan-canary",
        .root_module = sanitized.module("src/tsan_canary.zig"),
        .use_llvm = true,
    });
    const run_canary = b.addRunArtifact(canary);
    run_canary.expectStdErrMatch("WARNING: ThreadSanitizer: data race");
    run_canary.expectExitCode(66);
    step.dependOn(&run_canary.step);
}

/// Every test as built for aarch64: by qemu-user, except where this machine is one.
fn addForeign(b: *std.Build, suite: Suite, filters: []const []const u8, seeds: ?u64, from: ?u64) void {
    const step = b.step("test-aarch64", "Run the tests built for aarch64, under qemu-user");
    var foreign = suite;
    foreign.target = b.resolveTargetQuery(.{ .cpu_arch = .aarch64, .os_tag = .linux, .abi = .musl });
    const tests = foreign.compile("core-aarch64", filters);
    if (b.graph.host.result.cpu.arch == .aarch64) {
        step.dependOn(&run(b, tests, seeds, from).step);
        return;
    }
    const qemu = b.findProgram(.{ .names = &.{ "qemu-aarch64", "qemu-aarch64-static" } }) orelse {
        step.dependOn(&b.addFail("test-aarch64 needs qemu-aarch64, which is not on PATH; it is in the package " ++
            "qemu-user (Debian, Ubuntu: apt-get install qemu-user)").step);
        return;
    };
    const under_qemu = b.addSystemCommand(&.{qemu});
    under_qemu.setName("run core-aarch64 under qemu-user");
    under_qemu.addArtifactArg(tests);
    under_qemu.enableTestRunnerMode();
    setUp(b, under_qemu, seeds, from);
    step.dependOn(&under_qemu.step);
}

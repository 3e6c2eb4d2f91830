// The one place that pins Zig: its version, and for each platform what may be downloaded and what it must hash to.
//
// To move to another version: change `ZIG_VERSION`, take the wheels' names and SHA-256 from the `ziglang` project's
// page on PyPI and the archives' from ziglang.org/download/index.json, and `minimum_zig_version` in core/build.zig.zon
// (a test holds the two together).

export const ZIG_VERSION = "0.17.0";

/** The public index; pip's own configuration (PIP_INDEX_URL, pip.conf) goes before it. */
export const PUBLIC_PYPI = "https://pypi.org/simple";

/** The project on PyPI whose wheels hold the Zig distribution. */
export const WHEEL_PROJECT = "ziglang";

/** Where the Zig project publishes its own archives. */
export const ZIG_DOWNLOADS = "https://ziglang.org/download";

/**
 * What may be downloaded for one platform.
 * @typedef {{ wheel: string, wheelSha256: string, archive: string, archiveSha256: string }} PlatformPin
 */

/**
 * By `process.arch` (the core runs on Linux only).
 * @type {Record<string, PlatformPin>}
 */
export const PLATFORMS = {
  x64: {
    wheel: `ziglang-${ZIG_VERSION}-py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64.whl`,
    wheelSha256: "97079827064a7492cce5541ceb438ae8003ce1e54e399676da2d62fb7a5dc08b",
    archive: `zig-x86_64-linux-${ZIG_VERSION}.tar.xz`,
    archiveSha256: "1cbe9df9f27e6b78d14ccbca43b6703a404ef79ef1c463de901d7f088d4e2026",
  },
  arm64: {
    wheel: `ziglang-${ZIG_VERSION}-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl`,
    wheelSha256: "d2804f94f54f7fcf8169f4b212a619ad688a4e2e6592e976f0cf2e58e2cd8af3",
    archive: `zig-aarch64-linux-${ZIG_VERSION}.tar.xz`,
    archiveSha256: "9e8d11661d4ae3bd57702a3832781e23ad151dde5798e16a5ccd503f65234ff8",
  },
};

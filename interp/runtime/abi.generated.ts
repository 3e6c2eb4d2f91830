// Generated from core/src/manifest.zig by `zig build manifest`: do not edit.

/** What `janus_abi_hash` must give. */
export const ABI_HASH = 3299291375;

// Statuses of operations.
export const STATUS_OK = 0;
export const STATUS_PARKED = 1;
export const STATUS_CANCELLED = 2;
export const STATUS_CLOSED = 3;
export const STATUS_STALE = 4;
export const STATUS_FULL = 5;
export const STATUS_EMPTY = 5;
export const STATUS_OUT_OF_MEMORY = 6;
export const STATUS_TIMEOUT = 7;
export const STATUS_POISONED = 8;
export const STATUS_ALL_CLOSED = 9;
export const STATUS_FAILED = 10;
export const STATUS_PANICKED = 11;
export const STATUS_INVALID = 12;
export const STATUS_CANCELLED_TASK = 13;
export const STATUS_OVER_BUDGET = 15;
export const STATUS_RETRY = 14;

// Events of janus_next.
export const EVENT_START = 1;
export const EVENT_RESUME = 2;
export const EVENT_UNPACK = 3;
export const EVENT_PACK_READY = 4;
export const EVENT_PACK_PARKED = 5;
export const EVENT_TURN = 6;
export const EVENT_START_WORKERS = 7;
export const EVENT_SIGNAL = 8;
export const EVENT_DEADLOCK = 9;
export const EVENT_HOST = 10;
export const EVENT_EXIT = 11;
export const EVENT_DUMP = 12;
export const EVENT_QUIET = 13;

// Tags of values.
export const TAG_BLOCK_BIT = 256;
export const TAG_HANDLE_BIT = 512;
export const TAG_VOID = 0;
export const TAG_NULL = 1;
export const TAG_FALSE = 2;
export const TAG_TRUE = 3;
export const TAG_NUM = 4;
export const TAG_BIG = 261;
export const TAG_STR = 262;
export const TAG_DATA = 263;
export const TAG_HANDLE = 520;

// Flags, outcomes, reasons, kinds of select cases.
export const FLAG_OPEN_SEEDED = 1;
export const FLAG_OPEN_DEBUG = 2;
export const FLAG_SPAWN_TASK = 1;
export const FLAG_SPAWN_DAEMON = 2;
export const OUTCOME_VALUE = 0;
export const OUTCOME_FAILURE = 1;
export const OUTCOME_PANIC = 2;
export const OUTCOME_CANCELLED = 3;
export const REASON_NONE = 0;
export const REASON_REQUEST = 1;
export const REASON_FAILURE = 2;
export const REASON_DEADLINE = 3;
export const REASON_PARENT = 4;
export const REASON_BUDGET = 5;
export const CAUSE_REQUEST = 1;
export const CAUSE_TASK = 2;
export const CAUSE_TOKEN = 3;
export const CAUSE_FAILURE = 4;
export const CAUSE_BLOCK = 5;
export const CAUSE_DEADLINE = 6;
export const CAUSE_BUDGET = 7;
export const CAUSE_OTHERS_ENDED = 8;
export const CAUSE_SIGNAL = 9;
export const CAUSE_FAULT = 10;
export const CAUSE_DISCONNECT = 11;
export const CAUSE_EXIT = 12;
export const SELECT_RECEIVE = 0;
export const SELECT_SEND = 1;
export const SELECT_CLOSED = 2;
export const BUDGET_SPAWNS = 0;
export const BUDGET_MEMORY = 1;
export const BUDGET_OPERATIONS = 2;
export const BUDGET_COUNT = 3;

// A fiber record: its size, and each field's offset in bytes.
export const FIBER_SIZE = 128;
export const FIBER_STATE = 0;
export const FIBER_WORKER = 4;
export const FIBER_WAKE_PAYLOAD = 8;
export const FIBER_WAKE_TAG = 16;
export const FIBER_WAKE_STATUS = 20;
export const FIBER_AUX = 24;
export const FIBER_CANCEL_ANY = 28;
export const FIBER_WAIT_KIND = 32;
export const FIBER_WAIT_OBJECT = 36;
export const FIBER_SITE_WAIT = 40;
export const FIBER_TIMER = 44;
export const FIBER_NATIVE = 48;
export const FIBER_PACKED = 52;
export const FIBER_SHIELD = 56;
export const FIBER_FLAGS = 58;
export const FIBER_WAITERS = 60;
export const FIBER_GENERATION = 64;
export const FIBER_REFS = 68;
export const FIBER_NURSERY = 72;
export const FIBER_OPEN_NURSERY = 76;
export const FIBER_CODE = 80;
export const FIBER_STACK_BYTES = 84;
export const FIBER_SITE_SPAWN = 88;
export const FIBER_QUEUE_NEXT = 92;
export const FIBER_NODE = 96;
export const FIBER_CHILD_NEXT = 112;
export const FIBER_HELD = 116;
export const FIBER_SINCE = 120;
export const FIBER_NAME = 124;

// Low four bits of FIBER_STATE.
export const STATE_FREE = 0;
export const STATE_NEW = 1;
export const STATE_READY = 2;
export const STATE_RUNNING = 3;
export const STATE_PARKING = 4;
export const STATE_PARKED = 5;
export const STATE_PARKING_CLAIMED = 6;
export const STATE_PARKED_CLAIMED = 7;
export const STATE_WOKEN = 8;
export const STATE_FINISHED = 9;

// FIBER_WAITERS of a finished fiber.
export const WAITERS_DONE = 2147483647;

// FIBER_WAIT_KIND.
export const WAIT_NOTHING = 0;
export const WAIT_AWAIT = 1;
export const WAIT_JOIN = 2;
export const WAIT_SLEEP = 3;
export const WAIT_SEND = 4;
export const WAIT_RECEIVE = 5;
export const WAIT_SELECT = 6;
export const WAIT_PARKER = 7;
export const WAIT_MUTEX = 8;
export const WAIT_RING_SEND = 9;
export const WAIT_RING_RECEIVE = 10;
export const WAIT_NATIVE = 11;
export const WAIT_IO = 12;
export const WAIT_ROOM = 13;
export const WAIT_SOCKET = 14;
export const WAIT_OUTPUT = 15;

// Atomics, and what a ring's slots hold.
export const ATOMIC_LOAD = 0;
export const ATOMIC_STORE = 1;
export const ATOMIC_SWAP = 2;
export const ATOMIC_ADD = 3;
export const ATOMIC_SUB = 4;
export const ATOMIC_AND = 5;
export const ATOMIC_OR = 6;
export const ATOMIC_XOR = 7;
export const ORDER_RELAXED = 0;
export const ORDER_ACQUIRE = 1;
export const ORDER_RELEASE = 2;
export const ORDER_ACQ_REL = 3;
export const ORDER_SEQ_CST = 4;
export const ORDER_CONSUME = 5;
export const ELEMENT_TAGGED = 0;
export const ELEMENT_U8 = 1;
export const ELEMENT_I8 = 2;
export const ELEMENT_U16 = 3;
export const ELEMENT_I16 = 4;
export const ELEMENT_U32 = 5;
export const ELEMENT_I32 = 6;
export const ELEMENT_U64 = 7;
export const ELEMENT_I64 = 8;
export const ELEMENT_F32 = 9;
export const ELEMENT_F64 = 10;
export const ELEMENT_BOOL = 11;
export const INFO_CLOSED = 0;
export const INFO_LEN = 1;
export const INFO_CAPACITY = 2;

// Functions of janus_native.
export const NATIVE_FS_READ_FILE = 0;
export const NATIVE_FS_WRITE_FILE = 1;
export const NATIVE_FS_APPEND_FILE = 2;
export const NATIVE_FS_EXISTS = 3;
export const NATIVE_FS_LIST_DIR = 4;
export const NATIVE_FS_REMOVE = 5;
export const NATIVE_FS_MAKE_DIR = 6;
export const NATIVE_STDIN_LINE = 7;
export const NATIVE_STDIN_ALL = 8;
export const NATIVE_FS_STAT = 9;
export const NATIVE_FS_RENAME = 10;
export const NATIVE_FS_READ_AT = 11;
export const NATIVE_FS_WRITE_AT = 12;
export const NATIVE_FS_MAKE_NEW_DIR = 13;

// Sockets.
export const SOCKET_LISTEN = 0;
export const SOCKET_CONNECT = 1;
export const SOCKET_UDP = 2;
export const READ_SOME = 0;
export const READ_LINE = 1;
export const READ_EXACT = 2;
export const CHANGE_CLOSE = 0;
export const CHANGE_FINISH = 1;
export const CHANGE_NO_DELAY_ON = 2;
export const CHANGE_NO_DELAY_OFF = 3;

// A worker's area.
export const AREA_SIZE = 1792;
export const AREA_EV = 0;
export const AREA_EV_PAYLOAD = 64;
export const AREA_BEAT = 96;
export const AREA_RUNNING = 100;
export const AREA_PLACE = 104;
export const AREA_COLLECTIONS = 108;
export const AREA_BUDGET = 112;
export const AREA_HEAP = 120;
export const AREA_RESERVED = 128;
export const AREA_CASES = 256;

// A select case in the area.
export const CASE_SIZE = 24;
export const CASE_KIND = 0;
export const CASE_CHANNEL = 4;
export const CASE_TAG = 8;
export const CASE_PADDING = 12;
export const CASE_PAYLOAD = 16;

// A failed child, in the arena.
export const FAILURE_SIZE = 32;
export const FAILURE_NEXT = 0;
export const FAILURE_STATUS = 4;
export const FAILURE_PAYLOAD = 8;
export const FAILURE_TAG = 16;
export const FAILURE_FIBER = 20;
export const FAILURE_SITE_SPAWN = 24;
export const FAILURE_NAME = 28;

// The schedule of a seeded run: kinds of choices, and one choice.
export const CHOICE_KIND_NEXT = 0;
export const CHOICE_KIND_PREEMPT = 1;
export const CHOICE_KIND_SELECT = 2;
export const CHOICE_KIND_TIMER = 3;
export const CHOICE_SIZE = 16;
export const CHOICE_KIND = 0;
export const CHOICE_CHOSEN = 4;
export const CHOICE_OF = 8;
export const CHOICE_FIBER = 12;

// A block's header, before its payload.
export const HEADER_SIZE = 16;
export const HEADER_BYTES = 0;
export const HEADER_REFS = 4;
export const HEADER_CLASS = 8;
export const HEADER_HANDLE_COUNT = 12;

// Bounds.
export const FIBER_CAPACITY = 4194304;
export const HANDLE_INDEX_BITS = 22;
export const HANDLE_TASK_BIT = 2147483648;
export const HANDLE_GENERATION_BITS = 9;
export const SELECT_CASES_MAX = 64;
export const SCRATCH_BYTES = 16777216;
export const WORKERS_MAX = 64;
export const GLOBALS_MAX = 65536;
export const PACK_MAX = 8;
export const CHANNEL_SLOT_BYTES = 16;
export const CHANNEL_CAPACITY_MAX = 16777216;

// Records of a trace.
export const RECORD_SIZE = 24;
export const RECORD_AT_NS = 0;
export const RECORD_FIBER = 8;
export const RECORD_A = 12;
export const RECORD_B = 16;
export const RECORD_KIND = 20;
export const RECORD_WORKER = 21;
export const RECORD_DETAIL = 22;
export const RECORD_EXTRA = 23;
export const TRACE_SPAWNED = 1;
export const TRACE_BEGUN = 2;
export const TRACE_ENDED = 3;
export const TRACE_WOKEN = 4;
export const TRACE_NURSERY_OPENED = 5;
export const TRACE_NURSERY_CANCELLED = 6;
export const TRACE_NURSERY_CLOSED = 7;
export const TRACE_PACKED_UP = 8;
export const TRACE_UNPACKED = 9;
export const TRACE_STOLEN = 10;
export const TRACE_SLEPT = 11;
export const TRACE_AWOKE = 12;
export const TRACE_NAMED = 13;
export const WHY_PARKED = 0;
export const WHY_YIELDED = 1;
export const WHY_FINISHED = 2;
export const WHY_MOVED = 3;

// The table for bun:ffi's dlopen.
export const symbols = {
  janus_open: { args: ["u32", "u32", "u32", "u32"], returns: "i32" },
  janus_close: { args: [], returns: "i32" },
  janus_is_checked: { args: [], returns: "i32" },
  janus_abi_hash: { args: [], returns: "u32" },
  janus_records: { args: [], returns: "ptr" },
  janus_arena: { args: [], returns: "ptr" },
  janus_arena_bytes: { args: [], returns: "f64" },
  janus_alloc: { args: ["u32", "u32"], returns: "u32" },
  janus_was_refused: { args: ["u32"], returns: "i32" },
  janus_alloc_foreign: { args: ["u32"], returns: "u32" },
  janus_free: { args: ["u32", "u32"], returns: "i32" },
  janus_memory_new: { args: ["u32", "u32"], returns: "i32" },
  janus_block_retain: { args: ["u32"], returns: "i32" },
  janus_block_release: { args: ["u32", "u32"], returns: "i32" },
  janus_worker_area: { args: ["u32"], returns: "u32" },
  janus_scratch: { args: ["u32"], returns: "u32" },
  janus_handle_retain: { args: ["u32"], returns: "i32" },
  janus_handle_release: { args: ["u32", "u32"], returns: "i32" },
  janus_worker_enter: { args: ["u32"], returns: "i32" },
  janus_worker_leave: { args: ["u32"], returns: "i32" },
  janus_set_workers: { args: ["u32"], returns: "i32" },
  janus_next: { args: ["u32"], returns: "i32" },
  janus_yield: { args: ["u32", "u32"], returns: "i32" },
  janus_surplus: { args: ["u32"], returns: "i32" },
  janus_trace_start: { args: ["u32", "i32"], returns: "i32" },
  janus_trace_flush: { args: ["i32"], returns: "i32" },
  janus_shutdown: { args: [], returns: "i32" },
  janus_set_host_open: { args: ["u32"], returns: "i32" },
  janus_host_post: { args: ["u32"], returns: "i32" },
  janus_explore_begin: { args: ["f64", "u32", "f64", "u32", "u32", "u32"], returns: "i32" },
  janus_explore_end: { args: [], returns: "i32" },
  janus_preempt: { args: ["u32", "u32"], returns: "i32" },
  janus_schedule: { args: [], returns: "u32" },
  janus_ordinal: { args: ["u32"], returns: "u32" },
  janus_explored: { args: ["u32"], returns: "f64" },
  janus_spawn_main: { args: ["i32", "i32", "f64"], returns: "i32" },
  janus_spawn: { args: ["u32", "u32", "u32", "i32", "i32", "f64", "u32", "u32", "u32"], returns: "i32" },
  janus_spawn_name: { args: ["u32", "u32"], returns: "i32" },
  janus_finish: { args: ["u32", "u32", "u32", "i32", "f64"], returns: "i32" },
  janus_await: { args: ["u32", "u32", "u32", "u32", "u32"], returns: "i32" },
  janus_task_state: { args: ["u32", "u32"], returns: "i32" },
  janus_task_retain: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_task_release: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_task_cancel: { args: ["u32", "u32", "u32", "u32", "u32"], returns: "i32" },
  janus_task_handle: { args: ["u32", "u32"], returns: "u32" },
  janus_nursery_open: { args: ["u32", "u32", "f64", "u32", "u32"], returns: "i32" },
  janus_nursery_budget: { args: ["u32", "u32", "f64", "f64", "f64"], returns: "i32" },
  janus_nursery_lenient: { args: ["u32", "u32"], returns: "i32" },
  janus_nursery_token: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_nursery_join: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_nursery_room: { args: ["u32", "u32", "u32", "u32"], returns: "i32" },
  janus_nursery_cancel: { args: ["u32", "u32", "u32", "u32"], returns: "i32" },
  janus_shield: { args: ["u32", "u32", "i32"], returns: "i32" },
  janus_grace_enter: { args: ["u32", "u32", "f64"], returns: "i32" },
  janus_grace_leave: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_cancel_cause: { args: ["u32", "u32"], returns: "f64" },
  janus_is_cancelled: { args: ["u32", "u32"], returns: "i32" },
  janus_interrupt: { args: ["u32", "u32"], returns: "i32" },
  janus_cancel_cleared: { args: ["u32", "u32"], returns: "i32" },
  janus_sleep: { args: ["u32", "u32", "f64", "u32"], returns: "i32" },
  janus_now_ns: { args: [], returns: "f64" },
  janus_channel_new: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_send: { args: ["u32", "u32", "u32", "i32", "f64", "u32"], returns: "i32" },
  janus_recv: { args: ["u32", "u32", "u32", "u32"], returns: "i32" },
  janus_try_send: { args: ["u32", "u32", "i32", "f64"], returns: "i32" },
  janus_try_recv: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_close_channel: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_channel_closer: { args: ["u32", "u32"], returns: "i32" },
  janus_channel_info: { args: ["u32", "u32"], returns: "i32" },
  janus_channel_site: { args: ["u32"], returns: "u32" },
  janus_select: { args: ["u32", "u32", "u32", "u32", "f64", "u32"], returns: "i32" },
  janus_atomic_new: { args: ["u32", "i32", "i32"], returns: "i32" },
  janus_atomic_op: { args: ["u32", "u32", "u32", "u32", "i32", "i32", "i32"], returns: "i32" },
  janus_atomic_cas: { args: ["u32", "u32", "u32", "u32", "i32", "i32", "i32", "i32"], returns: "i32" },
  janus_fence: { args: ["u32"], returns: "i32" },
  janus_parker_new: { args: ["u32"], returns: "i32" },
  janus_park: { args: ["u32", "u32", "u32", "f64", "u32"], returns: "i32" },
  janus_unpark: { args: ["u32", "u32"], returns: "i32" },
  janus_mutex_new: { args: ["u32", "i32", "f64", "u32"], returns: "i32" },
  janus_mutex_lock: { args: ["u32", "u32", "u32", "u32"], returns: "i32" },
  janus_mutex_try_lock: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_mutex_taken: { args: ["u32", "u32", "u32", "u32"], returns: "i32" },
  janus_mutex_site: { args: ["u32", "u32", "u32"], returns: "u32" },
  janus_mutex_get: { args: ["u32", "u32", "u32", "u32"], returns: "i32" },
  janus_mutex_set: { args: ["u32", "u32", "u32", "u32", "i32", "f64"], returns: "i32" },
  janus_mutex_unlock: { args: ["u32", "u32", "u32", "u32", "u32"], returns: "i32" },
  janus_ring_new: { args: ["u32", "u32", "u32", "u32", "u32", "u32"], returns: "i32" },
  janus_ring_send: { args: ["u32", "u32", "u32", "i32", "f64", "u32"], returns: "i32" },
  janus_ring_recv: { args: ["u32", "u32", "u32", "u32"], returns: "i32" },
  janus_ring_try_send: { args: ["u32", "u32", "i32", "f64"], returns: "i32" },
  janus_ring_try_recv: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_ring_close: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_ring_info: { args: ["u32", "u32"], returns: "i32" },
  janus_token_new: { args: ["u32", "u32"], returns: "i32" },
  janus_token_cancel: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_token_state: { args: ["u32"], returns: "i32" },
  janus_native: { args: ["u32", "u32", "u32", "i32", "f64", "u32"], returns: "i32" },
  janus_socket_open: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_socket_connected: { args: ["u32", "u32", "u32", "f64", "u32"], returns: "i32" },
  janus_socket_accept: { args: ["u32", "u32", "u32", "u32"], returns: "i32" },
  janus_socket_read: { args: ["u32", "u32", "u32", "u32", "u32", "f64", "u32"], returns: "i32" },
  janus_socket_write: { args: ["u32", "u32", "u32", "u32", "f64", "u32"], returns: "i32" },
  janus_socket_send_to: { args: ["u32", "u32", "u32", "u32", "u32", "u32"], returns: "i32" },
  janus_socket_receive_from: { args: ["u32", "u32", "u32", "u32", "f64", "u32"], returns: "i32" },
  janus_socket_change: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_socket_watch: { args: ["u32", "u32", "u32", "u32"], returns: "i32" },
  janus_socket_address: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_offer: { args: ["u32", "u32"], returns: "i32" },
  janus_packed: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_signals_install: { args: [], returns: "i32" },
  janus_dump: { args: ["u32", "u32"], returns: "u32" },
  janus_reach: { args: ["u32"], returns: "u32" },
  janus_dump_request: { args: [], returns: "i32" },
  janus_dump_answer: { args: ["u32", "u32"], returns: "i32" },
  janus_stats: { args: ["u32", "i32"], returns: "u32" },
  janus_held: { args: ["u32", "u32"], returns: "f64" },
  janus_print: { args: ["u32", "u32", "u32", "u32", "u32", "u32"], returns: "i32" },
  janus_print_flush: { args: ["u32", "u32", "u32"], returns: "i32" },
  janus_flush: { args: ["i32"], returns: "i32" },
  janus_redirect: { args: ["u32", "i32"], returns: "i32" },
  janus_intern: { args: ["u32", "u32"], returns: "i32" },
  janus_interned: { args: ["u32", "u32"], returns: "i32" },
  janus_global_set: { args: ["u32", "u32", "i32", "f64"], returns: "i32" },
  janus_globals_release: { args: ["u32"], returns: "i32" },
  janus_global_get: { args: ["u32", "u32"], returns: "i32" },
} as const;

// Every bound, once, with its unit; the same numbers as ledger/limits.py, where the reasons stand.

export const LEAF_BYTES_MAX = 65_535; // bytes
export const TREE_SIZE_MAX = 2n ** 63n - 1n; // leaves
export const PROOF_HASHES_MAX = 63; // hashes
export const NOTE_BYTES_MAX = 1_000_000; // bytes
export const NOTE_SIGNATURES_MAX = 100; // lines
export const CHECKPOINT_BYTES_MAX = 64 * 1024; // bytes
export const INTEGER_MAX = Number.MAX_SAFE_INTEGER; // 2**53 - 1
export const JSON_DEPTH_MAX = 32; // levels
export const JSON_DIGITS_MAX = 4_300; // digits of an integer; where Python's int() stops too
export const TEXT_CHARS_MAX = 10_000; // characters
export const LIST_ITEMS_MAX = 100; // items
export const ACT_PAYLOAD_BYTES_MAX = 40_000; // bytes
export const ACT_BYTES_MAX = 60_000; // bytes
export const SALT_CHARS_MIN = 22; // letters: 128 bits
export const SALT_CHARS_MAX = 128; // letters
export const SEALED_BYTES_MAX = 512 * 1024; // bytes
export const RECEIPT_BYTES_MAX = 2 * 1024 * 1024; // bytes
export const POLICY_CHARS_MAX = 64 * 1024; // characters
export const RULES_FILE_BYTES_MAX = 8 * 1024 * 1024; // bytes
export const NAMED_DECISIONS_MAX = 1_000; // decisions of one erasure or re-issue
export const PART_BYTES_MAX = 400_000; // bytes of a case's part, encrypted
export const CASE_FIELD_CHARS_MAX = 200; // characters
export const ATTACHMENT_NAME_CHARS_MAX = 200; // characters
export const CREDENTIAL_ID_BYTES_MAX = 1_023; // bytes
export const AUTHENTICATOR_DATA_BYTES_MAX = 2_048; // bytes
export const CLIENT_DATA_BYTES_MAX = 2_048; // bytes

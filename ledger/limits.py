"""Every bound, once, with its unit and its reason."""

# ---- the log (C2SP) -----------------------------------------------------------
LEAF_BYTES_MAX = 65_535  # bytes; a C2SP entry bundle prefixes each with a uint16
TILE_HEIGHT = 8  # levels; fixed by C2SP tlog-tiles
TILE_WIDTH = 256  # hashes; 2**TILE_HEIGHT
TREE_SIZE_MAX = 2**63 - 1  # leaves; fits PostgreSQL's bigint and every language's int64
PROOF_HASHES_MAX = 63  # hashes; the depth of the largest tree
NOTE_BYTES_MAX = 1_000_000  # bytes; golang.org/x/mod/sumdb/note's own bound
NOTE_SIGNATURES_MAX = 100  # lines; likewise
CHECKPOINT_BYTES_MAX = 64 * 1024  # bytes; room for many ML-DSA-44 cosignatures

# ---- values on a leaf -----------------------------------------------------------
INTEGER_MAX = 2**53 - 1  # RFC 8785 numbers are IEEE doubles: exact up to here

# ---- requests -----------------------------------------------------------------
DECISION_BYTES_MAX = 64 * 1024  # bytes of one decision's JSON; CONTRACT
BATCH_BYTES_MAX = 16 * 1024 * 1024  # bytes, after decompression too; CONTRACT
BATCH_DECISIONS_MAX = 10_000  # lines; CONTRACT
JSON_DEPTH_MAX = 32  # levels; CONTRACT
LIST_ITEMS_MAX = 100  # CONTRACT
TEXT_CHARS_MAX = 10_000  # CONTRACT
SUBJECT_REF_BYTES_MAX = 256  # bytes of UTF-8; CONTRACT
DEADLINE_DAYS_MAX = 36_500  # days; a hundred years
IDEMPOTENCY_KEY_BYTES_MAX = 255  # bytes; CONTRACT
DECIDED_AT_AHEAD_MS = 5 * 60 * 1000  # ms; clocks differ; CONTRACT
DECIDED_AT_AGE_DAYS = 30  # days; the default of the community's parameter
ACT_PAYLOAD_BYTES_MAX = 40_000  # bytes; base64 of it and the frame fit a leaf
ACT_BYTES_MAX = 60_000  # bytes of a whole DSSE envelope; leaves 5 kB for its frame
ACT_AHEAD_MS = 24 * 3600 * 1000  # ms; an act's `until` lies at most a day ahead
PAGE_ITEMS_MAX = 1_000  # items of a list's page
PAGE_ITEMS = 100  # items when no limit is given
CURSOR_CHARS_MAX = 256  # characters of a list's cursor: an item's own name
SECRET_RETRY_MS = 24 * 3600 * 1000  # ms; a retry gets K again for a day; CONTRACT

# ---- the service ---------------------------------------------------------------
POOL_DECISIONS_MAX = 20_000  # pending decisions a process; above it: 503
POOL_BYTES_MAX = 64 * 1024 * 1024  # bytes of pending bodies a process; above it: 503
BODIES_BYTES_MAX = (
    64 * 1024 * 1024
)  # bytes of unfinished batches a process; above it: 503
BATCH_ENTRIES_MAX = 512  # entries a transaction; keeps the head's lock to tens of ms
HEADER_BYTES_MAX = 8 * 1024  # bytes of one request header line
REQUEST_TIME_S = 30  # seconds to send a whole request: one byte a second is cut off
FIGURE_SPAN_ENTRIES = (
    200_000  # entries one count reads; a second of the database's time
)

# ---- the sealed part ------------------------------------------------------------
HANDLE_CHARS_MAX = 128  # letters of a sealing client's own handle of a person
SEALED_BODY_BYTES_MAX = 768 * 1024  # bytes; the sealed part in base64, and a statement
SALT_CHARS_MIN = 22  # letters of base64url: 128 bits, RFC 9901 section 9.3
SALT_CHARS_MAX = 128  # letters; room for any sealer's taste
SEALED_BYTES_MAX = (
    512 * 1024
)  # bytes; 64 KiB of JSON with its numbers written out, twice base64
RECEIPT_BYTES_MAX = 2 * 1024 * 1024  # bytes of a receipt file: leaf, proof, sealed part

# ---- the embedded PostgreSQL ---------------------------------------------------
POSTGRES_START_S = (
    120  # seconds to the first answer; crash recovery replays 1 GB of WAL
)
POSTGRES_ADOPT_S = 30  # seconds an orphan has to answer before it is stopped
POSTGRES_STOP_S = 30  # seconds for a fast shutdown, its checkpoint included
POSTGRES_QUIT_S = 5  # seconds for an immediate one, then SIGKILL
POSTGRES_LOG_BYTES_MAX = 4 * 1024 * 1024  # bytes of postgres.log; one older is kept
SOCKET_PATH_BYTES_MAX = 107  # bytes; sun_path of unix(7) is 108 with its NUL
MIGRATION_WAIT_S = 120  # seconds to wait for somebody else's migration

# ---- verifiers -------------------------------------------------------------------
POLICY_BYTES_MAX = 64 * 1024  # bytes of a tlog-policy text; hundreds of witnesses

# ---- governance ------------------------------------------------------------------
NAME_CHARS_MAX = 200  # characters of a system's or operator's public name
SYSTEMS_MAX = 10_000  # systems of one ledger; each stands in the replayed state
SYSTEM_VERSIONS_MAX = 1_000  # versions of one system, over its life
SYSTEM_KEYS_MAX = 100  # did:keys that sign a system's statements, at one time
SYSTEM_OVERSEERS_MAX = 100  # people who confirm a system's holds, at one time
CONSTITUTION_CHARS_MAX = (
    200_000  # characters; a long book of rules; hashed with the state
)
CONSTITUTION_LINES_MAX = 10_000  # lines; each is traced to a proposal
CONSTITUTION_LINE_CHARS_MAX = 2_000  # characters of one line
CONSTITUTION_FOUNDED_CHARS_MAX = 20_000  # characters; entry 0 is one leaf
DIFF_CHARS_MAX = 30_000  # characters of a unified diff; an act carries it
DATASETS_MAX = 10_000  # data sets ever adopted under names of their own
COVERAGE_GROUPS_MAX = 100  # groups whose share a data set states
WITNESSES_MAX = 100  # witnesses named; a checkpoint carries as many signatures
MIRRORS_MAX = 100  # mirrors named
URL_CHARS_MAX = 500  # characters of a mirror's or witness's address
LOG_KEYS_MAX = 1_000  # keys the log ever had; each stays, to check old checkpoints
SNAPSHOT_RECORDS = 3_000  # records; replaying so many takes well under a second
SNAPSHOT_BYTES_MAX = 512 * 1024 * 1024  # bytes of a state's JSON; beyond, replay
REPLAY_ROWS = 5_000  # records fetched at a time; a leaf is up to 64 KiB
DECIDED_AT_AGE_DAYS_MAX = 3_650  # days; what a community may set its parameter to
AUDIT_FINDINGS_MAX = 1_000  # findings kept in one report; the rest are counted
AUDIT_AHEAD = 8  # bundles fetched ahead; hides a round trip, bounds memory at 128 MiB
AUDIT_REQUEST_S = 30  # seconds for one file; a server may not hold an auditor for ever
AUDIT_ATTEMPTS = 3  # tries of one file before the place counts as unreachable
AUDIT_STATE_BYTES_MAX = 1024 * 1024  # bytes of /v1/state and /v1/keys
AUDIT_CONFIRMED_MAX = 100  # suspected repetitions looked at again, entry by entry

# ---- deliberation ------------------------------------------------------------------
GROUPED_VOTERS_MAX = 2_000  # people that opinion groups are made of; about a second
GROUPED_STATEMENTS_MAX = 100  # statements they are made from; covariances are squared
COMMENTS_PROPOSAL_MAX = 2_000  # comments about one proposal; each stands in the state
COMMENTS_MEMBER_MAX = 50  # of them one member's: it takes forty to fill a thread
COMMENTS_DAY_MAX = 100  # comments in 24 hours; what the parameter may be set to
REPLIES_DEPTH_MAX = 8  # replies below one another; deeper is not read on a phone
SAYING_LETTERS_MAX = (
    64 * 1024
)  # letters of a Disclosure: 10,000 characters of any script
SAYING_BYTES_MAX = 65 * 1024  # bytes of a request that brings one, its frame included

# ---- cases ---------------------------------------------------------------------------
PART_BYTES_MAX = 400_000  # bytes; a phone's photograph made small, twice base64
CASE_FIELD_CHARS_MAX = 200  # characters that name what is wrong: a slot, or an input
ATTACHMENT_NAME_CHARS_MAX = 200  # characters of a file's name

# ---- a member's own machine ----------------------------------------------------------
STATE_FETCH_BYTES_MAX = 256 * 1024 * 1024  # bytes of one answer; a state of 10⁶ members
PROPOSAL_FILE_BYTES_MAX = 60_000  # bytes; what it says must fit one act

# ---- safeguards --------------------------------------------------------------------
RULE_BYTES_MAX = 2_048  # bytes of one expression; DESIGN section 7
RULE_LEVELS_MAX = 64  # levels of an expression's tree; DESIGN section 7
RULE_ITEMS_MAX = 1_000  # items of the list a comprehension goes over; DESIGN section 7
RULE_INTEGER_MAX = 2**63 - 1  # CEL's int has 64 bits; beyond it is an error
RULE_STEPS_MAX = 50_000  # steps of one expression: 1,000 items × 50 nodes; ~10 ms
RULE_TESTS_STEPS_MAX = 50_000  # steps of all tests of a rule: they run under the lock
RULE_TEXT_STEP = 64  # characters searched in a text that count as one step
RULE_MESSAGE_CHARS_MAX = 1_000  # characters told to whoever sent the decision
RULE_TESTS_MAX = 20  # test cases of a rule; each runs under the writer's lock
RULES_MAX = 100  # rules in force; every decision is held against those of its system
RULES_FILE_BYTES_MAX = 8 * 1024 * 1024  # bytes; every rule in force with its tests
RULE_VERDICTS_MAX = 64  # answers kept written, for each system and rule set
RULE_SETS_KEPT = 64  # rule sets of the past kept ready, for retries of old decisions

# ---- ballots -----------------------------------------------------------------------
ID_LETTERS_MIN = 4  # letters that may name something; fewer name too many
BALLOT_OPTIONS_MAX = 32  # options; counting in pairs grows with their square
BALLOT_SCORE_MAX = 10  # points a ballot can give one option; fewer steps say more
TRUSTEES_MAX = 15  # trustees of one vote; a sealed ballot carries a box for each
REVEALED_MAX = 300  # shares in one act; a payload of 40,000 bytes holds so many
VOICE_CREDITS = 100  # credits of one quadratic ballot: ten votes for one option

# ---- people ------------------------------------------------------------------------
CREDENTIAL_ID_BYTES_MAX = 1_023  # bytes of a passkey's id; WebAuthn section 4
AUTHENTICATOR_DATA_BYTES_MAX = 2_048  # bytes; a head, an id, a key, few extensions
CLIENT_DATA_BYTES_MAX = 2_048  # bytes; a challenge, an origin, what browsers add
MEMBER_KEYS_MAX = 100  # keys of one member, over life; a key is never freed
MEMBER_PASSKEYS_MAX = 100  # passkeys of one member, over life
APPLICATIONS_MAX = 1_000  # open applications; beyond, the oldest unsupported gives way
INVITATIONS_MEMBER_MAX = 20  # open vouches of one member; vouching means knowing
RECOVERY_CONTACTS_MAX = 20  # people who may together give a member a new key
DELEGATIONS_MEMBER_MAX = 100  # scopes one member delegates at a time
DELEGATIONS_KEPT_MAX = 500  # of one member, ended ones too: each act copies them all
DELEGATION_DEPTH_MAX = 3  # hops from a voter to the ballot that carries them; DESIGN
DELEGATION_KEPT_MS = 400 * 24 * 3600 * 1000  # ms; outlives any vote that began with it
GUARDIANS_MAX = 3  # two of three may suspend in an emergency; DESIGN section 7
ROLE_HOLDERS_MAX = 100  # reviewers, auditors or stewards at one time

# ---- proposals ---------------------------------------------------------------------
PROPOSAL_TEXT_CHARS_MAX = 20_000  # characters; with its actions it fits one act
PROPOSAL_ACTIONS_MAX = 20  # actions of one proposal; all run under the writer's lock
PROPOSAL_AMENDMENTS_MAX = 20  # amendments; each asks every endorser again
NONCE_CHARS_MAX = 64  # characters of a proposer's own nonce
OBJECTION_WINDOW_MS = 90 * 24 * 3600 * 1000  # ms before a draft; DESIGN section 7
NAMED_DECISIONS_MAX = 1_000  # decisions one erasure or re-issue names: 39 kB of a leaf
TIME_PASSED_SYSTEMS_MAX = 500  # systems whose refusals one time.passed tells: 45 kB
ROOTS_KEPT_MAX = 4_096  # roots of trees a process keeps: what actors have seen
COVERED_WAIT_S = (
    5.0  # seconds a reader of the state waits for it to be signed; then 503
)
COVERED_LOOK_S = 0.005  # seconds between its looks; a flush takes about one of them
TIME_PASSED_LATE_MS = 1_000  # ms overdue until an idle process says so; at most an hour

# ---- cases -------------------------------------------------------------------------
CLAIMS_DAY_MAX = 20  # keys that claim one receipt in 24 hours; a person has few devices
CASE_ATTACHMENTS_MAX = 5  # attachments of one message of a case
CASE_MESSAGES_MAX = 50  # messages of one speaker in one case; all are read by people
BOXES_ACT_MAX = 100  # boxes in one act: one for every reviewer there may be, 19 kB
BOXES_CASE_MAX = 300  # boxes of one case: reviewers come and go
HELPERS_KEY_MAX = 20  # helpers that one key has named for one decision, at a time
HELPER_AHEAD_MS = 731 * 24 * 3600 * 1000  # ms; two years, a leap day among them
GRANTS_KEY_MAX = 20  # grants that one key has given for one decision, at a time
GRANT_AHEAD_MS = 366 * 24 * 3600 * 1000  # ms; a year, a leap day among them
GRANT_READS_MAX = 1_000  # reads under one grant; each stands in the state
GRANT_READ_S = 3_600  # seconds in which what was recorded as read can be fetched
REVIEW_AFTER_MS = (
    30 * 24 * 3600 * 1000
)  # ms; a reviewer's grant outlives the conclusion
REISSUES_KEPT = 20  # re-issues of one decision kept in the state, the newest

# ---- receipts asked for again ------------------------------------------------------
REISSUES_SYSTEM_MAX = 10_000  # requests of one system that are kept at one time
REISSUE_BODY_BYTES_MAX = 4_096  # bytes; 256 letters, each escaped in 6 or 12
ERASURE_LATE_MS = 2 * 24 * 3600 * 1000  # ms after it is due: two daily sweeps missed it
REISSUE_KEPT_MS = 30 * 24 * 3600 * 1000  # ms, from when it could be answered

# ---- signing in elsewhere ------------------------------------------------------------
SIGN_IN_S = 600  # seconds from the first step to the last; people look for a password
SIGN_IN_CODE_CHARS_MAX = 4_096  # characters of a provider's code; some are encrypted
SIGN_IN_BYTES_MAX = 16 * 1024  # bytes of a request; a code, a state, an issuer
SIGN_INS_BURST = 120  # begun at once by a process; then
SIGN_INS_SECOND = 2  # a second: more is no crowd of people who lost a letter
SIGN_INS_AT_ONCE = 8  # being finished at once by a process: each asks the provider
OIDC_ANSWER_BYTES_MAX = 256 * 1024  # bytes of one answer; key sets have a few kB
OIDC_REQUEST_S = 10  # seconds for one answer of the provider; somebody is waiting
OIDC_KEPT_S = 600  # seconds its own description and keys are believed unasked
OIDC_LEEWAY_S = 60  # seconds the provider's clock may differ from ours

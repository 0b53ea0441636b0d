"""What the community does with what it holds in common: actions of proposals.

    action                 class                      loosens protection
    constitution.amend     constitution               no
    parameter.set          the parameter's own        as the parameter's row says
    dataset.adopt, drop    standard                   no
    network.mirror_*       standard                   no
    network.witness_*      constitution (keys)        no
    log.rotate             constitution (keys)        no

A changed parameter holds from its execution on; what a proposal needs was fixed at its
snapshot. Names never change.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from ledger.errors import FatalError, MalformedError, RejectedError
from ledger.governance.assembly.classes import CONSTITUTION, ROUTINE, STANDARD
from ledger.governance.commons.bodies import (
    DropOf,
    ParameterOf,
    WitnessOf,
    read_amendment,
    read_dataset,
    read_drop,
    read_log_key,
    read_mirror,
    read_name,
    read_parameter,
    read_witness,
)
from ledger.governance.commons.constitution import amend
from ledger.governance.commons.diff import Hunk
from ledger.governance.commons.room import (
    ADOPTED,
    DROPPED,
    DataSet,
    NamedKey,
    NamedWitness,
)
from ledger.governance.kinds import ActionKind, Context
from ledger.governance.parameters import (
    PARAMETERS,
    WORDS,
    check_change,
    value_of,
    word_of,
)
from ledger.governance.state import Community, State
from ledger.limits import DATASETS_MAX, LOG_KEYS_MAX, MIRRORS_MAX, WITNESSES_MAX
from ledger.merkle.note import VerifierKey, format_vkey

T = TypeVar("T")


def _community(state: State) -> Community:
    if state.community is None:
        raise FatalError("no proposal is executed before entry 0")
    return state.community


def _with(state: State, **changes: Any) -> State:
    return replace(state, commons=replace(state.commons, **changes))


# ---- constitution and parameters ----------------------------------------------------


def _check_amendment(state: State, hunks: tuple[Hunk, ...], context: Context) -> None:
    amend(state.commons.constitution, hunks, context.proposal)


def _amend(state: State, hunks: tuple[Hunk, ...], context: Context) -> State:
    by = context.proposal
    return _with(state, constitution=amend(state.commons.constitution, hunks, by))


def _check_parameter(state: State, told: ParameterOf, _: Context) -> None:
    parameters = _community(state).parameters
    try:
        check_change(parameters, told.name, told.value)
    except MalformedError as error:
        raise RejectedError("parameter-out-of-bounds", str(error)) from error
    read = word_of if told.name in WORDS else value_of
    if read(parameters, told.name) == told.value:
        raise RejectedError("nothing-changes", "the parameter has this value already")


def _set_parameter(state: State, told: ParameterOf, _: Context) -> State:
    community = _community(state)
    parameters = {**community.parameters, told.name: told.value}
    return replace(state, community=replace(community, parameters=parameters))


def _class_of(_state: State, told: ParameterOf) -> str:
    row = WORDS[told.name] if told.name in WORDS else PARAMETERS[told.name]
    return row.class_


def _relaxes(state: State, told: ParameterOf) -> bool:
    if isinstance(told.value, str):
        return False
    value = value_of(_community(state).parameters, told.name)
    protects = PARAMETERS[told.name].protects
    return (protects == "falls" and told.value < value) or (
        protects == "rises" and told.value > value
    )


# ---- data sets ----------------------------------------------------------------------


def _check_adopt(state: State, told: DataSet, _: Context) -> None:
    datasets = state.commons.datasets
    known = datasets.get(told.id)
    if known is not None and known.status == ADOPTED:
        raise RejectedError("dataset-exists", "a data set of this id is adopted")
    if known is None and len(datasets) >= DATASETS_MAX:
        raise RejectedError("too-many-datasets", f"there are {DATASETS_MAX:,} of them")


def _adopt(state: State, told: DataSet, context: Context) -> State:
    adopted = replace(told, by=context.proposal)
    return _with(state, datasets=state.commons.datasets.set(told.id, adopted))


def _check_drop(state: State, told: DropOf, _: Context) -> None:
    known = state.commons.datasets.get(told.id)
    if known is None or known.status != ADOPTED:
        raise RejectedError("unknown-dataset", "no data set of this id is adopted")


def _drop(state: State, told: DropOf, context: Context) -> State:
    dropped = replace(
        state.commons.datasets[told.id],
        status=DROPPED,
        dropped_by=context.proposal,
        reason=told.reason,
    )
    return _with(state, datasets=state.commons.datasets.set(told.id, dropped))


# ---- witnesses, mirrors, the log's key ------------------------------------------------


def _check_witness(state: State, told: WitnessOf, _: Context) -> None:
    witnesses = state.commons.witnesses
    if told.name in witnesses or told.vkey in {w.vkey for w in witnesses.values()}:
        raise RejectedError("witness-exists", "a witness of this name or key is named")
    if len(witnesses) >= WITNESSES_MAX:
        raise RejectedError("too-many-witnesses", f"there are {WITNESSES_MAX} of them")


def _add_witness(state: State, told: WitnessOf, context: Context) -> State:
    named = NamedWitness(told.vkey, told.url, context.proposal)
    return _with(state, witnesses=state.commons.witnesses.set(told.name, named))


def _check_drop_witness(state: State, name: str, _: Context) -> None:
    if name not in state.commons.witnesses:
        raise RejectedError("unknown-witness", "no witness of this name is named")


def _drop_witness(state: State, name: str, _: Context) -> State:
    return _with(state, witnesses=state.commons.witnesses.delete(name))


def _check_mirror(state: State, url: str, _: Context) -> None:
    if url in state.commons.mirrors:
        raise RejectedError("mirror-exists", "this mirror is named already")
    if len(state.commons.mirrors) >= MIRRORS_MAX:
        raise RejectedError("too-many-mirrors", f"there are {MIRRORS_MAX} of them")


def _add_mirror(state: State, url: str, context: Context) -> State:
    return _with(state, mirrors=state.commons.mirrors.set(url, context.proposal))


def _check_drop_mirror(state: State, url: str, _: Context) -> None:
    if url not in state.commons.mirrors:
        raise RejectedError("unknown-mirror", "no mirror of this address is named")


def _drop_mirror(state: State, url: str, _: Context) -> State:
    return _with(state, mirrors=state.commons.mirrors.delete(url))


def _check_rotate(state: State, vkey: VerifierKey, _: Context) -> None:
    community, named = _community(state), state.commons.log_keys
    if vkey.name != community.origin:
        raise RejectedError(
            "wrong-log-key",
            f"the key has another name than this log's origin, {community.origin}",
        )
    if format_vkey(vkey) in {*community.vkeys, *(key.vkey for key in named)}:
        raise RejectedError("wrong-log-key", "the log has or had this key already")
    if len(named) >= LOG_KEYS_MAX:
        raise RejectedError("too-many-keys", f"the log had {LOG_KEYS_MAX:,} keys")


def _rotate(state: State, vkey: VerifierKey, context: Context) -> State:
    named = NamedKey(format_vkey(vkey), context.proposal)
    return _with(state, log_keys=(*state.commons.log_keys, named))


def _action(
    class_: str,
    read: Callable[[dict[str, Any]], T],
    check: Callable[[State, T, Context], None],
    apply: Callable[[State, T, Context], State],
) -> ActionKind[T]:
    return ActionKind(
        class_of=lambda _state, _value: class_,
        loosens=lambda _state, _value: False,
        read=read,
        check=check,
        apply=apply,
    )


ACTIONS: Final[dict[str, ActionKind[Any]]] = {
    "constitution.amend": _action(
        CONSTITUTION, read_amendment, _check_amendment, _amend
    ),
    "parameter.set": ActionKind(
        class_of=_class_of,
        loosens=_relaxes,
        read=read_parameter,
        check=_check_parameter,
        apply=_set_parameter,
    ),
    "dataset.adopt": _action(STANDARD, read_dataset, _check_adopt, _adopt),
    "dataset.drop": _action(STANDARD, read_drop, _check_drop, _drop),
    "network.witness_add": _action(
        CONSTITUTION, read_witness, _check_witness, _add_witness
    ),
    "network.witness_drop": _action(
        CONSTITUTION, read_name, _check_drop_witness, _drop_witness
    ),
    "network.mirror_add": _action(ROUTINE, read_mirror, _check_mirror, _add_mirror),
    "network.mirror_drop": _action(
        STANDARD, read_mirror, _check_drop_mirror, _drop_mirror
    ),
    "log.rotate": _action(CONSTITUTION, read_log_key, _check_rotate, _rotate),
}

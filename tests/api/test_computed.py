"""What costs much is worked out once, while what it follows from is the same."""

import asyncio

import pytest

from api.computed import COMPUTED_MAX, Computed


async def test_the_same_objects_are_answered_once() -> None:
    computed: Computed[int] = Computed()
    worked: list[int] = []

    def work() -> int:
        worked.append(1)
        return len(worked)

    state, equal = ["a"], ["a"]
    assert await computed.get("p", (state,), work) == 1
    assert await computed.get("p", (state,), work) == 1
    both = [computed.get("q", (state,), work) for _ in range(2)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in both]
    assert [task.result() for task in tasks] == [2, 2]
    assert await computed.get("p", (equal,), work) == 3  # another object, another state
    assert await computed.get("p", (equal, state), work) == 4


async def test_it_is_bounded_and_a_mistake_is_told_to_everyone() -> None:
    computed: Computed[int] = Computed()
    for number in range(COMPUTED_MAX + 5):
        assert await computed.get(number, (), lambda: 1) == 1
    assert len(computed._kept) == COMPUTED_MAX

    def broken() -> int:
        raise ValueError("ours")

    for _ in range(2):
        with pytest.raises(ValueError, match="ours"):
            await computed.get("broken", (), broken)


async def test_who_hangs_up_takes_nothing_from_the_others() -> None:
    computed: Computed[int] = Computed()
    inputs = (object(),)
    async with asyncio.TaskGroup() as group:
        gone = group.create_task(computed.get("p", inputs, lambda: 7))
        stays = group.create_task(computed.get("p", inputs, lambda: 8))
        await asyncio.sleep(0)
        gone.cancel()
    assert stays.result() == 7

"""Prints the figures of the engine as a table in Markdown: `python -m benchmarks.endpoint [--no-peers] [--small]`.

Everything runs in one go on one machine: ours and moto's server with the same client, our durable turn and those of
LangGraph and DBOS (durable_turn.py). `--small` does a tenth of the work, to see that it works. moto keeps nothing: of
its executions none survives a `kill -9`. What the peers do stands beside ours, with the ratio of ours to theirs.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import durable_turn, peers
from benchmarks.endpoint import figures, invoking, large, objects, servers


@dataclass(frozen=True)
class Row:
    """One figure as texts; `peer` is that of others, where they have one."""

    figure: str
    ours: str
    peer: str
    target: str


def rows(share: float, with_peers: bool) -> Iterator[Row]:
    """The table, row by row as it is measured; `share` is how much of the work is done."""
    yield from _http(share, with_peers)
    yield _large(share)
    yield _invoke(share, with_peers)
    yield from _turns(share, with_peers)
    yield from _memory(share, with_peers)
    yield _start(share, with_peers)
    yield _objects(share, with_peers)
    yield _waiting(share)


def _http(share: float, with_peers: bool) -> Iterator[Row]:
    with _folder() as data, servers.stepsmith(data) as server:
        latency = figures.start_to_describe(server, int(300 * share))
    with _folder() as data:
        rate, lost = figures.lost_after_a_kill(data, partial(figures.rate, executions=int(4000 * share)))
    latency_peer, rate_peer = "", ""
    if with_peers:
        with servers.moto() as server:
            theirs = figures.start_to_describe(server, int(300 * share))
            per_second = figures.rate(server, executions=int(1000 * share)).per_second
        latency_peer = f"moto {theirs:.2f} ms ({latency / theirs:.2f})"
        rate_peer = f"moto {per_second:.0f} ({rate.per_second / per_second:.1f}), keeps none"
    yield Row(
        "three states over HTTP, start to describe, p50", f"{latency:.2f} ms", latency_peer, "2.5 ms, 0.2 of moto's"
    )
    ours = f"{rate.per_second:.0f}, {lost} lost"
    yield Row("executions a second, 8 clients, re-read after `kill -9`", ours, rate_peer, "400, 5 times moto's")


def _large(share: float) -> Row:
    with _folder() as data, servers.with_function(data) as server:
        seconds = figures.large_loop(server, large.LOOP, large.messages(), max(3, int(9 * share)))
    return Row("loop of 10 turns with 200 KB of messages", f"{seconds:.3f} s", "", "0.2 s")


def _invoke(share: float, with_peers: bool) -> Row:
    with _folder() as data, servers.stepsmith(data) as server:
        ours = invoking.warm(server, int(500 * share))
    theirs = ""
    if with_peers:
        with servers.moto() as server:
            theirs = f"moto {invoking.of_a_peer(server, 50)}"
    return Row("warm invoke of an empty Python handler over HTTP, p50", ours, theirs, "3 ms, a tenth of moto's")


def _turns(share: float, with_peers: bool) -> Iterator[Row]:
    lengths = tuple(max(5, int(turns * share)) for turns in (20, 100, 500))
    asyncio.run(durable_turn.measure(5))  # once for what is loaded and compiled once
    found = [asyncio.run(durable_turn.measure(turns)) for turns in lengths]
    others: dict[str, list[str]] = {}
    for name, _, measured in peers.measure(lengths) if with_peers else ():
        others.setdefault(name, []).append(f"{measured['p50']:.2f} ms, {measured['stored'] / 1000:.0f} KB")
    ours = " / ".join(f"{each.turns['p50']:.2f} ms, {each.turns['stored'] / 1000:.0f} KB" for each in found)
    beside = "; ".join(f"{name} {' / '.join(told)}" for name, told in others.items())
    title = f"durable turn, p50, and bytes of the run, {' / '.join(map(str, lengths))} turns"
    yield Row(title, ours, beside, "3 ms, below both, no slower at 500; 68 KB at 100")
    yield Row(f"history of {lengths[1]} turns, read", f"{found[1].history_seconds:.2f} s", "", "0.3 s")


def _memory(share: float, with_peers: bool) -> Iterator[Row]:
    executions = int(10_000 * share)
    idle_peer, grown_peer = "", ""
    with _folder() as data, servers.stepsmith(data) as server:
        idle, (first, second) = server.megabytes, figures.memory_growth(server, executions, rounds=2)
    if with_peers:
        with servers.moto() as server:
            idle_peer = f"moto {server.megabytes:.0f} MB"
            grown_peer = f"moto +{figures.memory_growth(server, executions // 10)[0]:.0f} MB after {executions // 10:,}"
    yield Row("memory, idle", f"{idle:.0f} MB", idle_peer, "90 MB")
    told = f"+{first:.0f} MB, +{second:.0f} MB after as many again"
    yield Row(f"memory after {executions:,} tiny executions", told, grown_peer, "no growth beyond a cache")


def _start(share: float, with_peers: bool) -> Row:
    with _folder() as data:
        ours = figures.start(lambda: servers.stepsmith(data), max(3, int(9 * share)))
    theirs = f"moto {_started(figures.start(servers.moto, 3))}" if with_peers else ""
    return Row("start until it answers / has begun a first execution, p50", _started(ours), theirs, "0.6 s")


def _started(start: figures.Start) -> str:
    return f"{start.answers:.2f} / {start.executes:.2f} s"


def _objects(share: float, with_peers: bool) -> Row:
    megabytes = int(100 * share)
    with _folder() as data, servers.stepsmith(data) as server:
        ours, peer = objects.put_and_get(server, megabytes), ""
    if with_peers:
        with servers.moto() as server:
            theirs = objects.put_and_get(server, megabytes)
        peer = f"moto {theirs.put:.2f} s, {theirs.get:.2f} s, +{theirs.grown:.0f} MB"
    told = f"{ours.put:.2f} s, {ours.get:.2f} s, +{ours.grown:.0f} MB"
    return Row(f"S3: put and get of {megabytes} MB, p50; memory for it", told, peer, "1 s each, memory bounded")


def _waiting(share: float) -> Row:
    executions = int(10_000 * share)
    with _folder() as data:
        held = figures.waiting(data, executions)
    again = f"{held.restarted_seconds:.2f} s after a restart one is described"
    told = f"{held.megabytes:.0f} MB, threads: {held.threads}; {again}"
    return Row(f"{executions:,} executions that wait for a day", told, "", "300 MB, no thread each")


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whatever ends this ends the servers, too
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--no-peers", action="store_true", help="ours alone")
    arguments.add_argument("--small", action="store_true", help="a tenth of the work")
    chosen = arguments.parse_args()
    print("| figure | Stepsmith | peers (ours to theirs) | target |\n| --- | --- | --- | --- |", flush=True)
    for row in rows(0.1 if chosen.small else 1, not chosen.no_peers):
        print(f"| {row.figure} | {row.ours} | {row.peer} | {row.target} |", flush=True)


if __name__ == "__main__":
    main()

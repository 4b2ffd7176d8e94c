"""``tracelib teacher run``: ask a reasoning model for traces, summaries and explanations."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.cli.common import add_source, load, note, positive
from tracelib.core.errors import InputError
from tracelib.datasets.sources import UNDERSTOOD

if TYPE_CHECKING:
    from tracelib.datasets.problem import Problem
    from tracelib.teacher.budget import Limit
    from tracelib.teacher.collection import Progress
    from tracelib.teacher.plan import Todo
    from tracelib.teacher.settings import Teacher
    from tracelib.teacher.store import Store

HELP = "ask a model for traces, summaries and explanations"
DESCRIPTION = f"""\
Ask a reasoning model for a trace and an answer to each problem. If the answer is right, ask for a summary of
the trace, and for an explanation of the answer. The server is any that speaks OpenAI's protocol: a hosted
one, vLLM, Ollama, transformers serve.

Replies are kept in STORE, a file to which rows are only added. The same command goes on where it stopped, and
pays only for what is missing. A cost table is printed first; with --dry-run nothing more is done. A server
that is not on this machine needs a budget. It holds for the store, in all runs together: a
request is sent only if the longest reply that it allows is still within the budget.

After a rate limit or an error of the server, a request is sent again, up to six times in all. After a
time-out or a cut connection, which may have been paid for, it is sent once more. Before that comes the pause
that the server asks for, or one that doubles. A reply is never asked for twice, unless it cannot be read and
--again is given.

The key comes from an environment variable, and reaches neither STORE nor messages.

SOURCE is one of
{UNDERSTOOD}
examples:
  tracelib teacher run cotempqa-twin twin.db --model deepseek-reasoner --price 0.55 2.19 --dry-run
  tracelib teacher run cotempqa r1.db --url https://api.deepseek.com/v1 --model deepseek-reasoner \\
      --key DEEPSEEK_API_KEY --price 0.55 2.19 --budget-dollars 5
  tracelib teacher run babi-twin local.db --url http://127.0.0.1:11434/v1 --model qwen3:1.7b --number 20
"""
NO_URL = "http://127.0.0.1"  # of an estimate without a server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the problems, the store, and the teacher with its limits."""
    add_source(parser)
    parser.add_argument("store", type=Path, metavar="STORE", help="the file of replies, new or to go on with")
    parser.add_argument(
        "--number", type=positive, metavar="N", help="only the first N problems of each split"
    )
    asked = parser.add_argument_group("the teacher")
    asked.add_argument("--url", help="the server's base URL, such as http://127.0.0.1:8000/v1")
    asked.add_argument("--model", required=True, metavar="NAME", help="the model, as the server names it")
    asked.add_argument(
        "--key",
        metavar="VARIABLE",
        help="the environment variable with the key (default: OPENAI_API_KEY for api.openai.com, else none)",
    )
    asked.add_argument(
        "--kinds",
        default="trace,summary,explanation",
        metavar="K,K",
        help="what to ask for: trace, and after it summary, explanation or both (default: all three)",
    )
    asked.add_argument(
        "--summary-model",
        default="",
        metavar="NAME",
        help="another model for the summaries, asked at temperature 0, as the paper's was",
    )
    asked.add_argument(
        "--max-tokens",
        type=positive,
        default=8192,
        metavar="N",
        help="longest reply in tokens, reasoning included (default: 8192)",
    )
    asked.add_argument("--temperature", type=float, metavar="T", help="default: the server's own")
    asked.add_argument(
        "--metric",
        default="",
        metavar="NAME",
        help="by which answers are right (default: the dataset's first one; the paper's is official)",
    )
    limits = parser.add_argument_group("cost and pace")
    limits.add_argument("--dry-run", action="store_true", help="print the cost table and ask nothing")
    limits.add_argument("--price", **_price("of the model"))
    limits.add_argument("--summary-price", **_price("of the summary model, if another"))
    limits.add_argument("--budget-tokens", type=positive_number, metavar="N", help="most tokens of the store")
    limits.add_argument(
        "--budget-dollars", type=positive_number, metavar="X", help="most dollars of the store"
    )
    limits.add_argument(
        "--at-once", type=positive, default=8, metavar="N", help="requests under way at once (default: 8)"
    )
    limits.add_argument(
        "--timeout",
        type=positive_number,
        default=600.0,
        metavar="S",
        help="seconds after which a reply has failed (default: 600)",
    )
    limits.add_argument(
        "--again", action="store_true", help="ask again where a reply came that cannot be read; costs again"
    )


def _price(what: str) -> dict:
    names = ("PROMPT", "COMPLETION")
    return {"type": float, "nargs": 2, "metavar": names, "help": f"dollars for a million tokens {what}"}


def positive_number(text: str) -> float:
    """Parse a number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r}, expected a number above 0")
    return value


def run(args: argparse.Namespace) -> None:
    """Print the cost table; ask unless it is a dry run; print what came."""
    from tracelib.teacher import budget, settings, store

    teacher = _teacher(args)
    limit = budget.checked_limit(_limit(args), teacher)
    splits = {split: found[: args.number] for split, found in load(args).items()}
    if args.dry_run:
        with store.reading(args.store) if args.store.exists() else nullcontext() as kept:
            _planned(args, teacher, limit, splits, kept)
        return
    if not (limit.is_set or settings.is_here(teacher.url)):
        raise InputError(
            "a server elsewhere may charge for each request: give --budget-tokens or --budget-dollars; "
            "--dry-run shows what a run would cost"
        )
    _ask(args, teacher, limit, splits)


def _teacher(args: argparse.Namespace) -> Teacher:
    from tracelib.scoring import metrics
    from tracelib.teacher.settings import Price, Teacher, checked_url

    if not args.url and not args.dry_run:
        raise InputError("no server is named: give --url, such as --url http://127.0.0.1:8000/v1")
    if args.metric and args.metric not in metrics.JUDGES:
        raise InputError(f"metric '{args.metric}', expected one of {', '.join(metrics.JUDGES)}")
    return Teacher(
        url=checked_url(args.url or NO_URL),
        model=args.model,
        kinds=tuple(args.kinds.split(",")),
        max_tokens=args.max_tokens,
        temperature=args.temperature,
        summary_model=args.summary_model,
        metric=args.metric,
        price=Price(*args.price) if args.price else None,
        summary_price=Price(*args.summary_price) if args.summary_price else None,
    )


def _limit(args: argparse.Namespace) -> Limit:
    from tracelib.teacher.budget import Limit

    return Limit(args.budget_tokens or float("inf"), args.budget_dollars or float("inf"))


def _ask(args: argparse.Namespace, teacher: Teacher, limit: Limit, splits: dict[str, list[Problem]]) -> None:
    from tracelib.reporting import teacher_text
    from tracelib.teacher import collection, server, store
    from tracelib.teacher.report import report

    key = server.key_from(args.key, teacher.url)
    with store.writing(args.store) as kept:
        kept.begin(teacher)
        todo, requests = _planned(args, teacher, limit, splits, kept)
        with _progress(requests) as step:
            sending = collection.Sending(args.at_once, args.timeout, step)
            stopped, failed = asyncio.run(collection.collect(teacher, kept, key, limit, todo, sending))
        print("\n" + "\n".join(teacher_text.report_lines(report(kept), teacher)), flush=True)
    if failed:
        raise InputError(stopped)
    if stopped:
        note(f"not all is there: {stopped}")


def _planned(
    args: argparse.Namespace,
    teacher: Teacher,
    limit: Limit,
    splits: dict[str, list[Problem]],
    kept: Store | None,
) -> tuple[list[Todo], int]:
    """Print the cost table; return what is to be asked, and how many requests that is."""
    from tracelib.reporting import teacher_text
    from tracelib.teacher.budget import Cost, spent_on
    from tracelib.teacher.estimate import estimate
    from tracelib.teacher.plan import plan

    work = ((split, problem) for split, problems in splits.items() for problem in problems)
    planned = plan(teacher, work, kept, args.again)
    rows = estimate(teacher, planned, kept)
    spent = spent_on(teacher, kept.spent()) if kept else Cost()
    print("\n".join(teacher_text.estimate_lines(teacher, rows, limit, spent)), flush=True)
    return planned.todo, sum(row.to_ask for row in rows)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Progress], None]]:
    """A function that takes the steps of a run, and shows at a terminal how many are left."""
    from tqdm import tqdm

    with tqdm(total=total, unit="request", dynamic_ncols=True, disable=not sys.stderr.isatty()) as bar:

        def step(made: Progress) -> None:
            bar.total -= made.spared
            bar.update(made.done)

        yield step

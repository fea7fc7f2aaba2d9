"""A person decides: on the terminal, in another one, or while nobody works on the run. Real processes, one database."""

import getpass
import json
import os
import signal


def ask(shell, scenario="refund"):
    return shell("run", "shop", "--scenario", scenario, "--no-wait")


def approval_of(shown):
    return next(
        call["result"]["approval"]
        for turn in shown["turns_taken"]
        for call in turn["calls"]
        if call["result"] and "approval" in call["result"]
    )


def test_without_waiting_the_run_is_left_for_a_person_with_exit_code_4(shell):
    left = ask(shell)
    (request,) = shell.waiting()
    assert left.returncode == 4
    assert f"stepsmith approve|edit|reject|answer {request['run_id'][:12]} call_2_0" in left.stderr
    assert "beware: the run has read untrusted content (look)" in left.stderr
    assert '"euros": 50' in left.stderr
    assert (request["tool"], request["input"], request["agent"]) == ("refund", {"euros": 50}, "shop")
    assert shell.ledger == ["looked at order 7"]


def test_a_decision_without_anybody_at_work_is_kept_and_resume_takes_it_up(shell):
    ask(shell)
    (request,) = shell.waiting()
    run = request["run_id"]
    approved = shell("approve", run[:6], "--reason", "a good customer")
    assert approved.returncode == 0
    assert f"`stepsmith resume {run[:12]}` goes on with it" in approved.stdout
    assert shell("approvals").stdout == "Nothing waits for a decision.\n"
    shown = shell("show", run).stdout
    assert f"approved by {getpass.getuser()} at " in shown and f"`stepsmith resume {run[:12]}` takes it up" in shown
    resumed = shell("resume", run)
    assert resumed.returncode == 0, resumed.stderr
    assert shell.ledger == ["looked at order 7", "refunded 50 euros"]
    approval = approval_of(shell.show(run))
    assert (approval["decision"], approval["approver"], approval["reason"]) == (
        "approve",
        getpass.getuser(),
        "a good customer",
    )
    assert f"approved by {getpass.getuser()} at " in shell("show", run).stdout
    assert f"approved by {getpass.getuser()} at " in resumed.stderr


def test_a_run_in_another_terminal_goes_on_at_once(shell):
    process = shell.start("run", "shop", "--scenario", "refund")
    (request,) = shell.waiting()
    approved = shell("approve", request["run_id"])
    assert (approved.returncode, approved.stdout) == (0, f"Approved: refund of run {request['run_id'][:12]} goes on.\n")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert shell.ledger == ["looked at order 7", "refunded 50 euros"]


def test_a_rejection_and_an_answer_run_nothing(shell):
    for words in (("reject", "--reason", "no"), ("answer", "--text", "It was paid already.")):
        ask(shell)
        (request,) = shell.waiting()
        assert shell(words[0], request["run_id"], *words[1:]).returncode == 0
        assert shell("resume", request["run_id"]).returncode == 0
        result = shell.show(request["run_id"])["turns_taken"][1]["calls"][0]["result"]
        assert result["is_error"] is (words[0] == "reject")
        assert words[2] in result["content"][0]["text"]
    assert shell.ledger == ["looked at order 7"] * 2


def test_an_edit_runs_the_edited_input(shell):
    ask(shell)
    (request,) = shell.waiting()
    assert shell("edit", request["run_id"], "--input", '{"euros": 7}').returncode == 0
    assert shell("resume", request["run_id"]).returncode == 0
    assert shell.ledger == ["looked at order 7", "refunded 7 euros"]


def test_an_edit_in_the_editor_runs_what_was_saved(shell, tmp_path):
    ask(shell)
    (request,) = shell.waiting()
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i.bak s/50/8/ $1\n", "utf-8")
    editor.chmod(0o755)
    edited = shell("edit", request["run_id"], EDITOR=str(editor), VISUAL="")
    assert edited.returncode == 0, edited.stderr
    assert shell("resume", request["run_id"]).returncode == 0
    assert shell.ledger[-1] == "refunded 8 euros"


REFUSED = (
    (("edit", "RUN", "--input", '{"euros": "many"}'), "The edit does not fit refund: euros: "),
    (("edit", "RUN", "--input", "[1]"), "An edit is the whole input of the call: one JSON object."),
    (("edit", "RUN", "--input", "{"), "--input holds no JSON"),
    (("edit", "RUN", "--input", "@/nowhere.json"), "--input: '/nowhere.json' cannot be read (No such file"),
    (("edit", "RUN", "--input", json.dumps({"euros": 1, "x": "y" * 9_000})), "a call takes at most 8,192"),
    (("approve", "RUN", "call_9_9"), "waits for no call 'call_9_9' to be decided"),
    (("approve", "nobody"), "Run 'nobody' waits for nothing to be decided"),
    (("answer", "RUN", "--text", " "), "The answer is empty"),
)


def test_what_is_no_decision_is_refused_in_a_sentence_and_the_call_goes_on_waiting(shell):
    ask(shell)
    (request,) = shell.waiting()
    for words, sentence in REFUSED:
        said = shell(*(request["run_id"] if word == "RUN" else word for word in words))
        assert said.returncode in (1, 2), words
        assert sentence in said.stderr
        assert "Traceback" not in said.stderr
    assert shell.waiting() == [request]


def test_of_two_deciders_at_once_one_wins_and_the_other_is_told_who(shell):
    ask(shell)
    (request,) = shell.waiting()
    both = [shell.start("approve", request["run_id"]), shell.start("reject", request["run_id"])]
    said = [process.communicate(timeout=60) for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    loser = next(at for at, process in enumerate(both) if process.returncode == 1)
    assert "was decided before" in said[loser][1] or "waits for nothing" in said[loser][1]
    shell("resume", request["run_id"])
    decision = approval_of(shell.show(request["run_id"]))["decision"]
    assert decision == ("approve", "reject")[1 - loser]
    assert shell.ledger.count("refunded 50 euros") == (1 if decision == "approve" else 0)


def test_a_run_that_waits_for_several_is_asked_call_by_call(shell):
    ask(shell, "two refunds")
    first, second = shell.waiting(2)
    unclear = shell("approve", first["run_id"])
    assert unclear.returncode == 2
    assert "waits for several decisions" in unclear.stderr and second["call_id"] in unclear.stderr
    assert shell("approve", first["run_id"], first["call_id"]).returncode == 0
    assert shell("reject", first["run_id"], second["call_id"]).returncode == 0
    assert shell("resume", first["run_id"]).returncode == 0
    assert shell.ledger == [f"refunded {first['input']['euros']} euros"]


def test_what_needs_no_decision_just_runs(shell):
    assert ask(shell, "small refund").returncode == 0
    assert shell.ledger == ["refunded 5 euros"]


def test_a_killed_run_waits_on_and_nothing_is_done_twice(shell):
    process = shell.start("run", "shop", "--scenario", "refund")
    (request,) = shell.waiting()
    process.kill()
    process.wait()
    assert shell.waiting() == [request]
    assert shell("approve", request["run_id"]).returncode == 0
    assert shell("resume", request["run_id"]).returncode == 0
    assert shell.ledger == ["looked at order 7", "refunded 50 euros"]


def test_the_terminal_asks_and_takes_the_decision(shell):
    terminal = shell.terminal("run", "shop", "--scenario", "refund")
    shown = terminal.until("approve (a), edit (e), reject (r) or answer (w)? ")
    assert "shop asks to call refund" in shown and '"euros": 50' in shown and "min left" in shown
    terminal.type("x")
    terminal.until("Say a, e, r or w.")
    terminal.type("a")
    terminal.until("reason (or nothing): ")
    terminal.type("why not")
    assert terminal.end() == 0, terminal.seen
    assert f"approved by {getpass.getuser()}" in terminal.seen
    assert shell.ledger == ["looked at order 7", "refunded 50 euros"]


def test_what_is_decided_elsewhere_withdraws_the_question(shell):
    terminal = shell.terminal("run", "shop", "--scenario", "refund")
    terminal.until("answer (w)? ")
    (request,) = shell.waiting()
    assert shell("reject", request["run_id"], "--reason", "elsewhere").returncode == 0
    terminal.until("It was rejected by")
    assert terminal.end() == 0, terminal.seen
    assert shell.ledger == ["looked at order 7"]


def test_ctrl_c_at_the_question_leaves_the_run_waiting(shell):
    terminal = shell.terminal("run", "shop", "--scenario", "refund")
    terminal.until("answer (w)? ")
    os.kill(terminal.pid, signal.SIGINT)
    assert terminal.end() == 130, terminal.seen
    assert "stepsmith resume" in terminal.seen
    (request,) = shell.waiting()
    assert shell("approve", request["run_id"]).returncode == 0
    assert shell("resume", request["run_id"]).returncode == 0


def test_ctrl_d_at_the_question_leaves_it_to_somebody_elsewhere(shell):
    terminal = shell.terminal("run", "shop", "--scenario", "refund")
    terminal.until("answer (w)? ")
    os.write(terminal.fd, b"\x04")
    terminal.until("Decide by: stepsmith approve|edit|reject|answer ")
    (request,) = shell.waiting()
    assert shell("approve", request["run_id"]).returncode == 0
    assert terminal.end() == 0, terminal.seen
    assert "the run has gone on" not in terminal.seen


def test_an_endpoint_takes_a_decision_up_at_once(shell):
    up = shell.start("up", "--port", "0")
    assert any("Step Functions" in line for line in up.stdout)
    process = shell.start("run", "shop", "--scenario", "refund")
    (request,) = shell.waiting()
    assert shell("approve", request["run_id"]).stdout.startswith("Approved: refund")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert shell.ledger == ["looked at order 7", "refunded 50 euros"]


def test_a_narrow_terminal_shows_what_is_asked(shell):
    ask(shell)
    (request,) = shell.waiting()
    lines = shell("approvals", COLUMNS="60").stdout.splitlines()
    assert [word for word in lines[1].split() if word in (request["run_id"][:12], "shop", "call_2_0", "refund")]
    assert lines[2] == "  50"
    assert lines[3].startswith("  refund asks where this is not false") and len(lines[3]) <= 60


def test_control_sequences_of_a_model_reach_no_terminal(shell):
    ask(shell)
    assert "\x1b" not in shell("approvals").stdout

from pathlib import Path

from .sandbox import Bubblewrap, Command, Machine, MicroVm, Open, Program, Refused, choose, command

BWRAP = Path("/opt/bwrap")
PROGRAM = Program(Path("/py/bin/python3"), Path("/py"), (Path("/env/site-packages"),), Path("/repo/tool"))


def machine(
    bwrap: Path | None = None, complaint: str = "", inside_lambda: bool = False, unsandboxed: bool = False
) -> Machine:
    return Machine(bwrap, complaint, inside_lambda, unsandboxed)


def made(sandbox: Bubblewrap | MicroVm | Open) -> Command:
    return command(sandbox, PROGRAM, Path("/tmp/cell-1"), 7, 1000)


def words_after(option: str) -> list[tuple[str, str]]:
    arguments = made(Bubblewrap(BWRAP)).arguments
    return [(arguments[i + 1], arguments[i + 2]) for i, word in enumerate(arguments) if word == option]


def test_bubblewrap_is_taken_wherever_it_works() -> None:
    assert choose(machine(BWRAP, inside_lambda=True, unsandboxed=True)) == Bubblewrap(BWRAP)


def test_inside_a_lambda_the_microvm_is_the_sandbox() -> None:
    assert choose(machine(BWRAP, "No permissions to create new namespace", inside_lambda=True)) == MicroVm()


def test_without_a_sandbox_code_runs_only_where_it_was_said() -> None:
    assert choose(machine(unsandboxed=True)) == Open()
    refused = choose(machine(BWRAP, "setting up uid map: Permission denied"))
    assert isinstance(refused, Refused)
    assert "setting up uid map: Permission denied" in refused.reason
    assert "STEPSMITH_UNSANDBOXED=1" in refused.reason


def test_where_there_is_no_bubblewrap_it_says_so() -> None:
    refused = choose(machine())
    assert isinstance(refused, Refused)
    assert "there is no bubblewrap (bwrap) on this machine" in refused.reason


def test_nothing_of_this_machine_is_writable() -> None:
    arguments = made(Bubblewrap(BWRAP)).arguments
    assert not {"--bind", "--bind-try", "--dev-bind", "--share-net", "--overlay"} & set(arguments)


def test_what_is_seen_of_this_machine_is_the_system_the_interpreter_and_its_packages() -> None:
    seen = {here for here, _ in words_after("--ro-bind") + words_after("--ro-bind-try")}
    system = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"}
    ours = {"/py", "/env/site-packages", "/repo/tool/cell"}
    assert {here for here in seen if not here.startswith("/etc/")} <= system | ours
    assert ours <= seen
    assert {here for here in seen if here.startswith("/etc/")} == {
        "/etc/ld.so.cache",
        "/etc/fonts",
        "/etc/localtime",
        "/etc/alternatives",
    }


def test_folders_in_memory_are_bounded() -> None:
    arguments = made(Bubblewrap(BWRAP)).arguments
    places = [i for i, word in enumerate(arguments) if word == "--tmpfs"]
    assert len(places) == 4
    assert all(arguments[i - 2] == "--size" for i in places)


def test_the_environment_is_made_from_nothing() -> None:
    assert dict(made(Bubblewrap(BWRAP)).environment) == {}
    assert "--clearenv" in made(Bubblewrap(BWRAP)).arguments
    names = {"HOME", "LANG", "MPLBACKEND", "MPLCONFIGDIR", "OPENBLAS_NUM_THREADS", "PATH", "TMPDIR", "TZ"}
    assert set(made(MicroVm()).environment) == names == {name for name, _ in words_after("--setenv")}


def test_without_namespaces_the_cell_starts_in_a_folder_of_its_own() -> None:
    assert made(MicroVm()).folder == Path("/tmp/cell-1/work")
    assert made(MicroVm()) == made(Open())
    assert made(MicroVm()).arguments[0] == "/py/bin/python3"

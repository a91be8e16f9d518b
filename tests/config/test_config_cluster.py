"""The section [cluster]: what each key takes, and what does not go together."""

from __future__ import annotations

import pytest
from config_places import problems_of, read

from pytlas_wamp.config import ClusterConfig

DATABASE = "postgresql://ada@db/pytlas"
ROUTER = "wss://router.example.org/ws"
FULL = f"""
[server]
database = {DATABASE}
[cluster]
role = worker
name = kitchen
routers = {ROUTER}, ws://127.0.0.1:8080/ws
key = keys/kitchen.key
languages = fr, en
"""


class TestValues:
    def test_are_what_the_file_says(self, place):
        assert read(place, FULL).cluster == ClusterConfig(
            role="worker",
            name="kitchen",
            routers=(ROUTER, "ws://127.0.0.1:8080/ws"),
            key=place / "etc" / "keys" / "kitchen.key",
            languages=("fr", "en"),
        )

    def test_are_what_the_command_line_says(self, place):
        options = {"role": "gateway", "name": "door", "router": [ROUTER], "database": DATABASE}
        assert read(place, FULL.replace("languages", "# "), options=options).cluster == (
            ClusterConfig(
                role="gateway",
                name="door",
                routers=(ROUTER,),
                key=place / "etc" / "keys" / "kitchen.key",
            )
        )

    def test_are_what_the_environment_says(self, place):
        assert read(place, environ={"CLUSTER_PROCESSES": "3"}).cluster.processes == 3

    def test_the_key_is_in_the_data_directory_unless_it_is_elsewhere(self, place):
        assert read(place).cluster.key == place / "data" / "cluster.key"

    def test_skills_do_not_see_them(self, place):
        assert "cluster" not in read(place, FULL).skill_sections

    @pytest.mark.parametrize(
        ("key", "value", "expected"),
        [
            ("role", "boss", "all, gateway or worker"),
            *[
                ("name", value, "at most 32 of a-z, 0-9 and _, a letter first, such as kitchen")
                for value in ("", "Kitchen", "7th", "a-b", "a" * 33)
            ],
            *[
                (
                    "routers",
                    value,
                    "WebSocket URLs such as wss://router.example.org/ws, with commas between them",
                )
                for value in ("router", "http://a/ws", "ws://", "ws://a b")
            ],
            (
                "languages",
                "french",
                "two-letter codes of languages such as fr, en with commas between them",
            ),
            ("processes", "-1", "a whole number of at least 0 and at most 256"),
            ("processes", "257", "a whole number of at least 0 and at most 256"),
            ("processes", "two", "a whole number of at least 0 and at most 256"),
        ],
    )
    def test_others_are_refused(self, place, key, value, expected):
        assert problems_of(place, f"[cluster]\n{key} = {value}\n") == (
            (
                f"[cluster] {key}: {value!a} from {place}/etc/pytlas.ini is not valid; "
                f"it must be {expected}"
            ),
        )

    def test_a_router_of_the_command_line_is_named_as_it_was_written(self, place):
        (problem,) = problems_of(place, options={"router": ["nowhere"]})
        assert problem.startswith("[cluster] routers: 'nowhere' from --router is not valid; ")

    def test_an_unknown_key_is_a_mistake(self, place):
        (problem,) = problems_of(place, "[cluster]\nrouter = ws://a/ws\n")
        assert problem.endswith("is not a setting; did you mean routers?")


class TestTogether:
    @pytest.mark.parametrize("role", ["gateway", "worker"])
    def test_a_part_of_a_cluster_needs_name_router_and_postgresql(self, place, role):
        assert problems_of(place, options={"role": role}) == (
            (f"[cluster] name: a {role} needs a name that no other node has, such as kitchen"),
            (
                f"[cluster] routers: a {role} needs the router that it shares with others, such "
                "as wss://router.example.org/ws"
            ),
            (
                f"[server] database: a {role} needs PostgreSQL: several machines share it, and "
                "SQLite is a file of one"
            ),
        )

    def test_a_part_of_a_cluster_is_one_process(self, place):
        assert problems_of(place, FULL, options={"processes": "2"}) == (
            (
                "[cluster] processes: a worker is one process; start another one for more, or "
                "leave the role out"
            ),
        )

    def test_a_server_of_one_machine_needs_none_of_them(self, place):
        config = read(place, options={"processes": "2"})
        assert (config.cluster.processes, config.warnings) == (2, ())

    def test_what_has_no_effect_is_worth_a_warning(self, place):
        config = read(place, FULL.replace("role = worker", "role = all"))
        assert config.warnings == (
            "[cluster] routers has no effect, as this process does everything (role = all)",
            "[cluster] languages has no effect for the role all",
        )


class TestListening:
    def test_a_worker_does_not_unless_it_is_told_to(self, place):
        assert read(place, FULL).listen == ()
        assert read(place, FULL, options={"listen": ["tcp:9"]}).listen == ("tcp:9",)
        told = FULL.replace("[server]", "[server]\nlisten = tcp:8000:interface=127.0.0.1")
        assert read(place, told).listen == ("tcp:8000:interface=127.0.0.1",)

    def test_a_gateway_does(self, place):
        gateway = FULL.replace("worker", "gateway").replace("languages", "# ")
        assert read(place, gateway).listen == ("tcp:8000:interface=127.0.0.1",)

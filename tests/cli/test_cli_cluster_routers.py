"""What a router is told about nodes."""

from __future__ import annotations

import json

import pytest

from pytlas_wamp.cli.cluster_routers import REALM, Principal, RouterConfig, endpoint
from pytlas_wamp.cluster import router as router_of_nodes
from pytlas_wamp.errors import OperatorError

WORKER = Principal(name="kitchen", role="worker", public_key="ab" * 32)
GATEWAY = Principal(name="door", role="gateway", public_key="cd" * 32)


@pytest.fixture
def router(tmp_path):
    return RouterConfig.at(tmp_path, endpoint(8100, tls=False))


def transport(router):
    return router.document["workers"][0]["transports"][0]


def realm(router):
    return router.document["workers"][0]["realms"][0]


def allowed(principal):
    """Each prefix with the actions that are allowed under it."""
    return {
        rule["uri"]: {action for action, may in rule["allow"].items() if may}
        for rule in principal.rights()["permissions"]
    }


class TestRights:
    def test_a_worker_answers_under_its_own_name_and_tells_gateways(self):
        assert allowed(WORKER) == {
            "pytlas.worker.kitchen.": {"register"},
            "pytlas.gateway.": {"publish"},
        }

    def test_a_gateway_listens_under_its_own_name_and_asks_workers(self):
        assert allowed(GATEWAY) == {
            "pytlas.gateway.door.": {"subscribe"},
            "pytlas.worker.": {"call"},
        }

    @pytest.mark.parametrize("principal", [WORKER, GATEWAY])
    def test_each_says_all_there_is_to_allow(self, principal):
        for rule in principal.rights()["permissions"]:
            assert set(rule["allow"]) == {"call", "register", "publish", "subscribe"}
            assert (rule["match"], rule["uri"][-1]) == ("prefix", ".")

    def test_those_of_short_names_are_long_enough_for_crossbar(self):
        assert Principal(name="a", role="worker", public_key="").wamp_role == "worker_a"


class TestNew:
    def test_its_realm_is_that_which_nodes_join(self):
        assert REALM == router_of_nodes.REALM

    def test_it_listens_on_this_machine_only(self, router):
        assert transport(router)["endpoint"] == {
            "type": "tcp",
            "port": 8100,
            "interface": "127.0.0.1",
        }

    def test_others_reach_it_with_tls_only(self):
        assert endpoint(8100, tls=True) == {
            "type": "tcp",
            "port": 8100,
            "tls": {"certificate": "router.crt", "key": "router.key"},
        }

    def test_it_lets_in_nobody_but_by_key(self, router):
        assert transport(router)["auth"] == {"cryptosign": {"type": "static", "principals": {}}}
        assert realm(router) == {"name": "pytlas", "roles": []}

    def test_it_notices_who_is_gone_and_bounds_what_is_sent(self, router):
        options = transport(router)["options"]

        assert (options["auto_ping_interval"], options["auto_ping_timeout"]) == (2000, 2000)
        assert options["max_message_size"] == options["max_frame_size"] == 16 * 1024 * 1024
        assert transport(router)["serializers"] == ["cbor"]


class TestAdd:
    def test_a_node_is_known_by_its_key_and_has_a_role_of_its_own(self, router):
        router.add(WORKER)
        router.add(GATEWAY)

        assert transport(router)["auth"]["cryptosign"]["principals"] == {
            "kitchen": {
                "realm": "pytlas",
                "role": "worker_kitchen",
                "authorized_keys": ["ab" * 32],
            },
            "door": {"realm": "pytlas", "role": "gateway_door", "authorized_keys": ["cd" * 32]},
        }
        assert [role["name"] for role in realm(router)["roles"]] == [
            "worker_kitchen",
            "gateway_door",
        ]

    def test_what_somebody_has_changed_stays(self, router):
        transport(router)["endpoint"]["port"] = 9
        realm(router)["options"] = {"x": 1}

        router.add(WORKER)

        assert (router.ports(), realm(router)["options"]) == ([9], {"x": 1})

    def test_a_name_is_there_once(self, router):
        router.check_new("kitchen")
        router.add(WORKER)

        with pytest.raises(OperatorError, match=r"config\.json knows a node kitchen already"):
            router.check_new("kitchen")


class TestCopy:
    def test_knows_the_same_nodes_and_listens_elsewhere(self, router, tmp_path):
        router.add(WORKER)

        copied = router.copy(tmp_path / "b", endpoint(9000, tls=False))

        assert (router.ports(), copied.ports()) == ([8100], [9000])
        assert copied.path == tmp_path / "b" / "config.json"
        assert realm(copied) == realm(router)
        copied.add(GATEWAY)
        assert len(realm(router)["roles"]) == 1


class TestRead:
    def test_gives_what_was_written(self, router, tmp_path):
        router.add(WORKER)
        router.path.write_text(router.text())

        assert RouterConfig.read(tmp_path) == router

    def test_tells_what_is_missing(self, tmp_path):
        with pytest.raises(OperatorError, match=r"config\.json cannot be read: No such file"):
            RouterConfig.read(tmp_path)

    def test_tells_what_is_no_json(self, tmp_path):
        (tmp_path / "config.json").write_text("{")

        with pytest.raises(OperatorError, match=r"config\.json is no JSON: Expecting"):
            RouterConfig.read(tmp_path)

    @pytest.mark.parametrize(
        "document",
        [
            [],
            {},
            {"workers": []},
            {"workers": [{"type": "router", "realms": [], "transports": []}]},
            {"workers": [{"type": "router", "realms": [{"name": "pytlas", "roles": []}]}]},
            {
                "workers": [
                    {
                        "type": "router",
                        "realms": [{"name": "pytlas", "roles": []}],
                        "transports": [{"auth": {"anonymous": {}}}],
                    }
                ]
            },
        ],
    )
    def test_what_looks_otherwise_is_left_alone(self, tmp_path, document):
        (tmp_path / "config.json").write_text(json.dumps(document))

        with pytest.raises(OperatorError, match="is not as `pytlas-wamp cluster init` writes it"):
            RouterConfig.read(tmp_path).check_new("a")

    def test_ports_that_are_no_numbers_are_left_out(self, router):
        transport(router)["endpoint"]["port"] = "$PORT"

        assert router.ports() == []

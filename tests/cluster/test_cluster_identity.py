"""Names, ids and keys of nodes."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pytlas_wamp.cluster.identity import (
    KeyUnusable,
    NodeKey,
    make_key,
    make_node_id,
    read_key,
    split_node_id,
    uris,
    write_key,
)
from pytlas_wamp.errors import OperatorError

# RFC 8032, 7.1, test 1.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
CHALLENGE = "0f" * 32


class TestNodeIds:
    def test_are_the_name_and_eight_characters_of_chance(self):
        assert make_node_id("kitchen", lambda count: b"\x1f" * count) == "kitchen-1f1f1f1f"

    def test_differ_with_each_start(self):
        assert make_node_id("kitchen") != make_node_id("kitchen")

    @pytest.mark.parametrize("name", ["", "1st", "Kitchen", "a-b", "a.b", "x" * 33, "café", "a\n"])
    def test_are_not_made_of_other_names(self, name):
        with pytest.raises(OperatorError, match="a node cannot be called"):
            make_node_id(name)

    @pytest.mark.parametrize("name", ["a", "w1", "kitchen_2", "x" * 32])
    def test_can_be_split_again(self, name):
        assert split_node_id(make_node_id(name, lambda _: b"\x00\x01\x02\x03")) == (
            name,
            "00010203",
        )

    @pytest.mark.parametrize(
        "node_id", ["", "kitchen", "-00000000", "a-0000000", "a-0000000g", "a.b-00000000", "a-b-1"]
    )
    def test_nothing_else_can_be_split(self, node_id):
        with pytest.raises(ValueError, match="is not the id of a node"):
            split_node_id(node_id)


class TestUris:
    def test_are_those_of_the_reference(self):
        assert uris("kitchen-1f0c9a2b") == (
            "pytlas.worker.kitchen.1f0c9a2b.ask",
            "pytlas.worker.kitchen.1f0c9a2b.watch",
            "pytlas.gateway.kitchen.1f0c9a2b.told",
        )

    def test_there_are_none_of_what_is_no_node(self):
        with pytest.raises(ValueError, match="is not the id of a node"):
            uris("kitchen.pytlas-1f0c9a2b")


class TestKeys:
    def test_have_the_public_part_of_the_standard(self):
        assert NodeKey(SEED).public == PUBLIC

    def test_differ(self):
        assert make_key() != make_key()

    def test_do_not_show_their_secret(self):
        assert SEED.hex() not in repr(NodeKey(SEED))
        assert repr(SEED) not in repr(NodeKey(SEED))

    def test_sign_a_challenge(self):
        signed = NodeKey(SEED).sign(CHALLENGE)

        assert signed[128:] == CHALLENGE
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(PUBLIC)).verify(
            bytes.fromhex(signed[:128]), bytes.fromhex(CHALLENGE)
        )

    @pytest.mark.parametrize("challenge", [None, b"0f" * 32, "xx" * 32, "0f" * 31, "", "0f" * 33])
    def test_sign_nothing_else(self, challenge):
        with pytest.raises(ValueError, match="the challenge"):
            NodeKey(SEED).sign(challenge)


class TestFiles:
    def test_of_a_key_are_for_its_owner_alone(self, tmp_path):
        path = tmp_path / "cluster.key"
        write_key(NodeKey(SEED), path)

        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_text() == SEED.hex() + "\n"
        assert read_key(path) == NodeKey(SEED)

    def test_are_never_overwritten(self, tmp_path):
        path = tmp_path / "cluster.key"
        write_key(NodeKey(SEED), path)

        with pytest.raises(KeyUnusable, match=r"there is a key in .*cluster\.key already"):
            write_key(make_key(), path)
        assert read_key(path) == NodeKey(SEED)

    def test_are_not_written_through_a_link(self, tmp_path):
        (tmp_path / "cluster.key").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(KeyUnusable):
            write_key(make_key(), tmp_path / "cluster.key")
        assert not (tmp_path / "elsewhere").exists()

    def test_that_cannot_be_written_are_named(self, tmp_path):
        with pytest.raises(KeyUnusable, match=r"cannot be written to .*: No such file"):
            write_key(make_key(), tmp_path / "nowhere" / "cluster.key")

    def test_that_are_missing_are_named_with_what_makes_them(self, tmp_path):
        with pytest.raises(KeyUnusable, match="`pytlas-wamp cluster key` makes one"):
            read_key(tmp_path / "cluster.key")

    def test_that_cannot_be_read_are_named(self, tmp_path):
        with pytest.raises(KeyUnusable, match="cannot be read: Is a directory"):
            read_key(tmp_path)

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
    def test_that_others_may_use_are_refused(self, tmp_path, mode):
        path = tmp_path / "cluster.key"
        write_key(NodeKey(SEED), path)
        os.chmod(path, mode)  # noqa: PTH101 - the mode is what this is about

        with pytest.raises(KeyUnusable, match=rf"\(mode {mode:04o}\); `chmod 600 "):
            read_key(path)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "0 characters"),
            (SEED.hex()[:-1], "63 characters"),
            (SEED.hex() + "00", "66 characters"),
            ("z" * 64, "other characters"),
            ("é" * 64, "other characters"),
        ],
    )
    def test_that_hold_no_key_are_refused_without_being_quoted(self, tmp_path, text, why):
        path = tmp_path / "cluster.key"
        path.write_text(text)
        path.chmod(0o600)

        with pytest.raises(KeyUnusable, match=why) as raised:
            read_key(path)
        assert SEED.hex()[:-1] not in str(raised.value)

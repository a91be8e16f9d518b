"""Models in files: the same model comes back, or a word on why not."""

from __future__ import annotations

import io
import json
import zipfile
from importlib import metadata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.understanding.statistical import hints, storage
from statistical_training import NOW, REWORDINGS, trained, training_data


@pytest.fixture(scope="module")
def raw():
    return storage.to_bytes(trained(), "abc")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "model.zip"


@pytest.fixture
def engine(monkeypatch):
    """Lets a test change what decides, beside the data, what is learnt."""
    storage.engine.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    storage.engine.cache_clear()


def with_head(raw, **changed):
    """The file with other words in its head."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "head.json":
                content = json.dumps({**json.loads(content), **changed}).encode()
            new.writestr(name, content)
    return buffer.getvalue()


def names_in(folder):
    return [entry.name for entry in folder.iterdir()]


def why_not(path):
    with pytest.raises(storage.Unusable) as caught:
        storage.read(path)
    return str(caught.value)


class TestAModel:
    def test_comes_back_as_it_was(self, raw):
        model, known_as = storage.from_bytes(raw)
        assert known_as == "abc"
        assert storage.to_bytes(model, "abc") == raw

    def test_understands_the_same(self, raw):
        model, _ = storage.from_bytes(raw)
        for text in (*REWORDINGS, "paint the cellar blue", "who won the war", ""):
            everything = lambda _: True  # noqa: E731 - no intent is left out
            assert model.read(text, everything, NOW) == trained().read(text, everything, NOW)

    def test_brings_the_lists_of_its_language_along(self, raw, monkeypatch):
        lists = hints.general("en")
        monkeypatch.setattr(hints, "_GENERAL", {})
        # Where it has to be made of the lists of all cities, which takes half a second.
        monkeypatch.delattr(hints, "places")
        storage.from_bytes(raw)

        assert hints.general("en") == lists

    def test_is_the_same_file_whenever_it_is_written(self, raw):
        assert storage.to_bytes(trained(), "abc") == raw


class TestSaving:
    def test_folders_are_made(self, path):
        storage.save(trained(), path, "abc")
        assert storage.read(path)[1] == "abc"
        assert storage.load(path)[1] == "abc"

    def test_nothing_else_is_left(self, path):
        storage.save(trained(), path, "one")
        storage.save(trained(), path, "two")
        assert names_in(path.parent) == ["model.zip"]
        assert storage.read(path)[1] == "two"

    def test_a_failure_leaves_the_old_file_and_nothing_else(self, path, monkeypatch):
        storage.save(trained(), path, "one")

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(storage, "to_bytes", full)
        with pytest.raises(OSError, match="No space left"):
            storage.save(trained(), path, "two")
        assert names_in(path.parent) == ["model.zip"]
        assert storage.read(path)[1] == "one"

    def test_a_folder_in_its_place_stays(self, path):
        path.mkdir(parents=True)
        with pytest.raises(IsADirectoryError):
            storage.save(trained(), path, "abc")
        assert names_in(path.parent) == ["model.zip"]


class TestAFileThatCannotBeUsed:
    def test_missing_is_not_unusable(self, path):
        with pytest.raises(FileNotFoundError):
            storage.read(path)
        assert storage.load(path) is None

    def test_a_folder(self, tmp_path):
        assert why_not(tmp_path) == "cannot be read: Is a directory"
        assert storage.load(tmp_path) is None

    def test_another_version(self, raw, tmp_path):
        path = tmp_path / "model.zip"
        path.write_bytes(with_head(raw, version=storage.VERSION + 1))
        assert why_not(path) == "was written by another version"

    def test_another_engine(self, raw, tmp_path):
        path = tmp_path / "model.zip"
        path.write_bytes(with_head(raw, engine="of last year"))
        assert why_not(path) == "was written by another version"

    @pytest.mark.parametrize(
        "changed",
        [
            {"settings": {"hats": 3}},
            {"settings": []},
            {"stems": 3},
            {"language": 3},
            {"slots": ["a"]},
        ],
    )
    def test_another_head(self, raw, tmp_path, changed):
        path = tmp_path / "model.zip"
        path.write_bytes(with_head(raw, **changed))
        assert why_not(path) == "is damaged"

    @pytest.mark.parametrize(
        "lost", ["head.json", "features.json", "data.zlib", "idf.npy", "0.crf"]
    )
    def test_one_that_lacks_something(self, raw, tmp_path, lost):
        path = tmp_path / "model.zip"
        with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                if name != lost:
                    new.writestr(name, old.read(name))
        assert why_not(path) == "is damaged"

    @pytest.mark.parametrize("part", [0, 0.01, 0.5, 0.99])
    def test_one_cut_off(self, raw, tmp_path, part):
        path = tmp_path / "model.zip"
        path.write_bytes(raw[: int(len(raw) * part)])
        assert why_not(path) == "is damaged"

    def test_one_of_zeros(self, raw, tmp_path):
        path = tmp_path / "model.zip"
        path.write_bytes(bytes(len(raw)))
        assert why_not(path) == "is damaged"

    @pytest.mark.untraced
    @given(st.data())
    def test_one_with_a_wrong_byte_is_read_as_it_was_or_not_at_all(self, data):
        raw = storage.to_bytes(trained(), "abc")
        place = data.draw(st.integers(0, len(raw) - 1))
        wrong = (
            raw[:place] + bytes([raw[place] ^ data.draw(st.integers(1, 255))]) + raw[place + 1 :]
        )
        try:
            model, known_as = storage.from_bytes(wrong)
        except (storage.Unusable, *storage._DAMAGED):
            return
        assert storage.to_bytes(model, known_as) == raw


class TestTheChecksum:
    def test_is_the_same_for_the_same_data(self):
        assert storage.checksum(training_data(), "en") == storage.checksum(training_data(), "en")

    def test_tells_languages_data_and_their_order_apart(self):
        data = {"intents": {"a": {}, "b": {}}}
        other = {"intents": {"b": {}, "a": {}}}
        sums = {
            storage.checksum(data, "en"),
            storage.checksum(data, "fr"),
            storage.checksum(other, "en"),
            storage.checksum({}, "en"),
        }
        assert len(sums) == 4

    def test_counts_our_code_and_word_lists(self, engine, tmp_path):
        (tmp_path / "words").mkdir()
        (tmp_path / "__pycache__").mkdir()
        code, words = tmp_path / "code.py", tmp_path / "words" / "en.txt"
        code.write_text("1")
        words.write_text("a")
        engine.setattr(storage, "files", lambda _: tmp_path)

        def now():
            storage.engine.cache_clear()
            return storage.engine()

        sums = [now()]
        (tmp_path / "__pycache__" / "code.pyc").write_text("b")
        (tmp_path / ".swp").write_text("b")
        assert [now()] == sums
        for path in (code, words):
            path.write_text("b")
            sums.append(now())
        words.rename(words.with_name("fr.txt"))
        sums.append(now())
        assert len(set(sums)) == 4

    def test_counts_the_versions_of_libraries(self, engine):
        before = storage.checksum({}, "en")
        storage.engine.cache_clear()
        real = metadata.version
        engine.setattr(
            storage, "version", lambda name: "99" if name == "snowballstemmer" else real(name)
        )
        assert storage.checksum({}, "en") != before

    def test_may_lack_one(self, engine):
        def missing(name):
            raise metadata.PackageNotFoundError(name)

        before = storage.checksum({}, "en")
        storage.engine.cache_clear()
        engine.setattr(storage, "version", missing)
        assert storage.checksum({}, "en") != before

"""What pip calls: the web client comes first, and setuptools does the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pytlas_wamp_web import NODE_PACKAGE, is_ready_made

from node_for_tests import write_node, write_web_client

BACKEND = Path(__file__).parents[2] / "build_backend"


@pytest.fixture
def call(tmp_path):
    """Calls a hook of the backend, as it stands in a project of a few lines."""
    write_web_client(tmp_path)
    (tmp_path / "build_backend").mkdir()
    for file in BACKEND.glob("*.py"):
        (tmp_path / "build_backend" / file.name).write_text(file.read_text())
    (tmp_path / "setup.py").write_text(
        "import setuptools; setuptools.setup(name='a', py_modules=[])"
    )

    def call(hook, *arguments, **environ):
        script = (
            "import json, sys; sys.path.insert(0, 'build_backend');"
            "import pytlas_wamp_build as hooks;"
            "print(json.dumps(getattr(hooks, sys.argv[1])(*sys.argv[2:])))"
        )
        path = {"PATH": str(tmp_path / "bin"), "PYTLAS_WAMP_WEB": ""}
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-c", script, hook, *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, **path, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1]), done.stderr

    return call


@pytest.mark.parametrize("kind", ["wheel", "editable"])
class TestHooks:
    def test_ask_for_node_where_there_is_none(self, call, kind):
        asked, _ = call(f"get_requires_for_build_{kind}")
        assert asked == ([NODE_PACKAGE] if is_ready_made() else [])

    def test_ask_for_nothing_where_it_is(self, call, tmp_path, kind):
        write_node(tmp_path / "bin")
        assert call(f"get_requires_for_build_{kind}")[0] == []

    def test_build_the_web_client_first(self, call, tmp_path, kind):
        write_node(tmp_path / "bin")
        name, _ = call(f"build_{kind}", tmp_path, PYTLAS_WAMP_WEB="require")
        assert zipfile.is_zipfile(tmp_path / name)
        assert (tmp_path / "src/pytlas_wamp/web/index.html").is_file()

    def test_go_on_without_it(self, call, tmp_path, kind):
        name, said = call(f"build_{kind}", tmp_path)
        assert zipfile.is_zipfile(tmp_path / name)
        assert "WARNING: pytlas-wamp: the web client was not built." in said

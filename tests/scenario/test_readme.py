# SPDX-License-Identifier: Apache-2.0
"""The README's lines do what they say: each of its curl and ctl lines, against a demo, in their order."""

import os
import pathlib
import re
import subprocess
import unittest

from uncut_harness import Harness

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def lines() -> list[str]:
    (block,) = blocks("sh")
    return [line for line in block.splitlines() if line and not line.startswith("#")]


class Readme(unittest.TestCase):
    def test_every_feature_has_its_curl_line_and_its_ctl_line(self):
        for first, second in zip(lines()[::2], lines()[1::2], strict=True):
            self.assertTrue(first.startswith("curl "), first)
            self.assertTrue(second.startswith("uncut ctl "), second)

    def test_every_line_works(self):
        with Harness() as harness:
            admin = "{}:{}".format(*harness.endpoint("admin"))
            environment = dict(os.environ, UNCUT_ADMIN=admin)
            environment["PATH"] = f"{pathlib.Path(os.environ['UNCUT']).parent}:{environment['PATH']}"
            for line in lines():
                with self.subTest(line):
                    here = line.replace("127.0.0.1:8053", admin)
                    ended = subprocess.run(
                        ["bash", "-c", here], env=environment, capture_output=True, text=True, timeout=60, check=False
                    )
                    self.assertEqual(ended.returncode, 0, ended.stderr)
                    self.assertEqual(ended.stderr, "")

    def test_the_python_example_runs(self):
        (example,) = blocks("python")
        exec(compile(example, "README.md", "exec"), {})


if __name__ == "__main__":
    unittest.main()

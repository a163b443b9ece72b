# SPDX-License-Identifier: Apache-2.0
"""Every scenario that ships: it is the file, it can be put and read back, and its story comes true."""

import json
import re
import unittest
from pathlib import Path

from replay import Replay

from uncut_harness import Harness

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "harness" / "scenarios"
SCENARIOS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
HEADLINES = {
    "eks-externalname", "elasticache-many-nodes", "tc-lost-in-the-chain", "oversize-without-tc", "musl-without-tcp",
    "tcp-blocked", "spoofed-then-real", "atr", "edns-hostile",
}  # fmt: skip
EVENTS = 19  # rows of README.md's table
# Whose port does not listen: no query is seen that it could strike.
UNSEEN_KINDS = {"tcp_refused"}


def says_less(given, returned):
    """Whether `returned` has all that `given` has: where given leaves a member out, returned may have a default."""
    if isinstance(given, dict):
        return isinstance(returned, dict) and all(
            key in returned and says_less(value, returned[key]) for key, value in given.items()
        )
    if isinstance(given, list):
        return (
            isinstance(returned, list)
            and len(given) == len(returned)
            and all(says_less(one, other) for one, other in zip(given, returned))
        )
    return given == returned


class Shipped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.h = cls.enterClassContext(Harness())

    def test_what_is_built_in_is_what_the_folder_has(self):
        listed = self.h.admin.get("v1", "scenarios")["scenarios"]
        self.assertGreaterEqual(len(SCENARIOS), len(HEADLINES))
        self.assertLessEqual(HEADLINES, set(SCENARIOS))
        self.assertEqual([scenario["name"] for scenario in listed], sorted(SCENARIOS))
        for scenario in listed:
            with self.subTest(scenario["name"]):
                file = SCENARIOS[scenario["name"]]
                self.assertEqual(scenario, {word: file[word] for word in ("name", "title", "description")})
                self.assertEqual(self.h.admin.get("v1", "scenarios", scenario["name"]), file)

    def test_every_scenario_has_a_title_a_description_and_a_story(self):
        for name, scenario in SCENARIOS.items():
            with self.subTest(name):
                self.assertEqual(scenario["name"], name)
                self.assertTrue(scenario["title"])
                self.assertTrue(scenario["description"].endswith("."))
                for step in scenario["story"]:
                    self.assertTrue(step["say"])
                    self.assertTrue(step["expect"] and step["journal"])
                self.assertTrue(scenario["story"])

    def test_every_kind_of_fault_is_in_a_story(self):
        kinds = {kind["kind"] for kind in self.h.admin.get("v1", "fault-kinds")["kinds"]}
        self.assertTrue(kinds)
        self.assertEqual({fault["kind"] for scenario in SCENARIOS.values() for fault in scenario["faults"]}, kinds)

    def test_each_event_has_a_scenario_or_a_reason(self):
        """README.md: | event | lesson | scenarios or a reason |."""
        lines = (HERE / "README.md").read_text().splitlines()
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
        rows = [row for row in rows if len(row) == 3 and row[0] != "event" and not set(row[0]) <= {"-"}]
        self.assertEqual(len(rows), EVENTS)
        named = set()
        for event, lesson, shown in rows:
            with self.subTest(event):
                self.assertTrue(lesson)
                scenarios = re.findall(r"`([a-z0-9-]+)`", shown)
                if not scenarios:
                    self.assertRegex(shown, r"^no upstream: .{20,}")
                self.assertLessEqual(set(scenarios), set(SCENARIOS))
                named |= set(scenarios)
        others = set(re.findall(r"^- `([a-z0-9-]+)`", "\n".join(lines), re.MULTILINE))
        self.assertEqual(named | others, set(SCENARIOS))
        self.assertEqual(named & others, set())


class Stories(unittest.TestCase):
    """One test for each scenario, made below."""

    @classmethod
    def setUpClass(cls):
        cls.h = cls.enterClassContext(Harness())

    @classmethod
    def tearDownClass(cls):
        # A sanitizer says at the end what leaked.
        status = cls.h.process.stop()
        if status != 0:
            raise AssertionError(f"the program ended with status {status}: {cls.h.process.stderr()}")

    def tell(self, name):
        scenario = SCENARIOS[name]
        self.h.reset()
        put = self.h.scenario(name)
        self.assertTrue(says_less(scenario, put), f"what was put is not what came back: {put}")
        self.assertEqual(put["story"], scenario["story"])
        self.assertEqual(self.h.scenario(), put)
        self.assertEqual(self.h.scenario(put), put)
        Replay(self, self.h, scenario).run()
        idle = [f for f in self.h.faults() if f["kind"] not in UNSEEN_KINDS and f["struck"] == 0]
        self.assertEqual(idle, [], "faults that no step of the story met")


def _add_stories():
    for name in SCENARIOS:

        def test(self, name=name):
            self.tell(name)

        test.__doc__ = f"{name}: {SCENARIOS[name]['title']}"
        setattr(Stories, "test_" + name.replace("-", "_"), test)


_add_stories()


if __name__ == "__main__":
    unittest.main()

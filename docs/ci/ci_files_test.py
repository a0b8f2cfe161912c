#!/usr/bin/python3
"""The files of this folder, as far as they can be tried without their services: ci_files_test.py ATTEST

They parse; jobs, artifacts and options that they name are there; each step is right for bash; and the steps that run attest are run,
on few cases and in a scratch folder, in the order of the jobs: shards, merge, views, gate, with and without an earlier run.
SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}; scripts/setup test installs it", file=sys.stderr)
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
GITHUB = ["github-cpu.yml", "github-gpu.yml"]
FEW = ["--cases", "24", "--kernel", "attention_f32", "--oracle", "eigen"]
attest = None


def load(name):
    with open(f"{HERE}/{name}") as file:
        return yaml.safe_load(file)


def filled(text, values):
    """GitHub's expressions by their values; one that is not known is an error."""
    return re.sub(r"\$\{\{\s*([^}]*?)\s*\}\}", lambda match: values[match.group(1)], text)


def steps(workflow):
    for job in workflow["jobs"].values():
        yield from job["steps"]


def scripts_of(name):
    """Every piece of shell in a file."""
    document = load(name)
    if "jobs" in document:
        return [step["run"] for step in steps(document) if "run" in step]
    out = []
    for job in document.values():
        if isinstance(job, dict):
            for key in ["before_script", "script"]:
                lines = job.get(key, [])
                out += [lines] if isinstance(lines, str) else lines
    return out


def bash(script, folder, **variables):
    """Exit code and output of a step, as the services run it."""
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=folder, env={**os.environ, **variables},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    return done.returncode, done.stdout


def on_few_cases(script):
    return re.sub(r"(attest check)\b", r"\1 " + " ".join(FEW), script)


class Files(unittest.TestCase):
    def test_every_piece_of_shell_is_right_for_bash(self):
        for name in [*GITHUB, "gitlab.yml"]:
            scripts = scripts_of(name)
            self.assertGreater(len(scripts), 3, name)
            for script in scripts:
                text = re.sub(r"\$\{\{.*?\}\}", "x", script)
                done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, f"{name}: {script}\n{done.stderr}")

    def test_options_and_commands_are_those_of_attest(self):
        seen = set()
        for name in [*GITHUB, "gitlab.yml"]:
            for script in scripts_of(name):
                for command, rest in re.findall(r"attest ([a-z]+)((?:[^\n;|&]|\\\n)*)", script.replace("\\\n", " ")):
                    helped = subprocess.run([attest, command, "--help"], capture_output=True, text=True)
                    self.assertEqual(helped.returncode, 0, f"{name}: attest {command}")
                    for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest):
                        self.assertIn(option, helped.stdout, f"{name}: attest {command} {option}")
                        seen.add((command, option))
        for wanted in [("check", "--shard"), ("compare", "--fail-on"), ("report", "--baseline"), ("merge", "-o"), ("check", "--require")]:
            self.assertIn(wanted, seen)

    def test_jobs_and_artifacts_that_are_named_are_there(self):
        for name in GITHUB:
            workflow = load(name)
            jobs = workflow["jobs"]
            uploaded = {step["with"]["name"] for step in steps(workflow) if step.get("uses", "").startswith("actions/upload-artifact")}
            for key, job in jobs.items():
                self.assertIn("runs-on", job)
                needs = job.get("needs", [])
                for other in [needs] if isinstance(needs, str) else needs:
                    self.assertIn(other, jobs, f"{name}: {key}")
                for step in job["steps"]:
                    self.assertTrue(("run" in step) != ("uses" in step), step)
                    self.assertRegex(step.get("uses", "a/b@v1"), r"^[\w-]+/[\w-]+@v\d+$")
                    if step.get("uses", "").startswith("actions/download-artifact") and "with" in step:
                        self.assertIn(step["with"]["name"], uploaded)
        cpu = load("github-cpu.yml")
        self.assertEqual(cpu["jobs"]["check"]["strategy"]["matrix"]["shard"], list(range(1, cpu["env"]["SHARDS"] + 1)))

    def test_gitlab_jobs_have_stages_and_needs_of_their_own(self):
        document = load("gitlab.yml")
        jobs = {key: job for key, job in document.items() if isinstance(job, dict) and "script" in job}
        self.assertEqual([job["stage"] for job in jobs.values()], document["stages"])


class Runs(unittest.TestCase):
    """What the steps do, on few cases."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="attest-ci-")
        self.addCleanup(shutil.rmtree, self.folder)

    def put_program(self, path):
        os.makedirs(os.path.dirname(f"{self.folder}/{path}"), exist_ok=True)
        shutil.copy(attest, f"{self.folder}/{path}")

    def expect(self, code, script, **variables):
        got, output = bash(script, self.folder, **variables)
        self.assertEqual(got, code, f"{script}\n{output}")
        return output

    def check_summary(self, name):
        with open(f"{self.folder}/{name}") as file:
            self.assertIn("<!-- attest -->", file.read())

    def test_github_shards_merge_views_and_gate(self):
        workflow = load("github-cpu.yml")
        shards = str(workflow["env"]["SHARDS"])
        named = {step.get("name"): step for step in workflow["jobs"]["report"]["steps"]}
        checks = [step["run"] for step in workflow["jobs"]["check"]["steps"] if "attest check" in step.get("run", "")]
        self.assertEqual(len(checks), 1)
        self.put_program("attest")
        for shard in workflow["jobs"]["check"]["strategy"]["matrix"]["shard"]:
            self.expect(0, on_few_cases(filled(checks[0], {"matrix.shard": str(shard)})), SHARDS=shards)
        os.remove(f"{self.folder}/attest")
        self.put_program("attest/attest")  # as actions/download-artifact lays it out
        self.expect(0, named["Merge"]["run"])
        summary = f"{self.folder}/summary"
        self.expect(0, named["Views"]["run"], GITHUB_STEP_SUMMARY=summary)
        self.check_summary("summary")
        self.expect(0, named["Gate"]["run"])  # no earlier run
        os.mkdir(f"{self.folder}/base")
        shutil.copy(f"{self.folder}/report/run.json", f"{self.folder}/base/run.json")
        self.expect(0, named["Views"]["run"], GITHUB_STEP_SUMMARY=summary)
        self.assertIn("SAME", self.expect(0, named["Gate"]["run"]))
        # A case that fails now: the gate holds, and the step is red.
        with open(f"{self.folder}/report/run.json") as file:
            run = json.load(file)
        next(case for case in run["cases"] if case["verdict"] == "agree")["verdict"] = "disagree"
        with open(f"{self.folder}/report/run.json", "w") as file:
            json.dump(run, file)
        self.assertIn("falsified>0 holds", self.expect(1, named["Gate"]["run"]))
        shutil.rmtree(f"{self.folder}/shard-2")
        self.assertIn("missing or cut off: shard 2/4", self.expect(1, named["Merge"]["run"].replace("mkdir report", "mkdir -p report")))

    def test_gitlab_shards_merge_views_and_gate(self):
        document = load("gitlab.yml")
        nodes = document["attest-check"]["parallel"]
        self.put_program("build/attest")
        for node in range(1, nodes + 1):
            for line in document["attest-check"]["script"]:
                self.expect(0, on_few_cases(line), CI_NODE_INDEX=str(node), CI_NODE_TOTAL=str(nodes))
        # All lines in one shell, as GitLab runs them; the service's own address is none here.
        lines = [line for line in document["attest-report"]["script"] if "curl" not in line]
        self.assertEqual(len(lines) + 1, len(document["attest-report"]["script"]))
        whole = "\n".join(lines)
        variables = {"CI_API_V4_URL": "file:///none", "CI_PROJECT_ID": "1", "CI_DEFAULT_BRANCH": "main", "CI_JOB_TOKEN": "x"}
        self.expect(0, whole, **variables)
        shutil.copy(f"{self.folder}/report/run.json", f"{self.folder}/base.json")
        self.assertIn("SAME", self.expect(0, whole, **variables))
        self.check_summary("report/summary.md")

    def test_what_submit_prints_is_right_too(self):
        printed = {system: subprocess.run([attest, "submit", system, "--shards", "3"], capture_output=True, text=True, check=True).stdout
                   for system in ["slurm", "github", "ctest"]}
        self.assertEqual(subprocess.run(["bash", "-n"], input=printed["slurm"], text=True).returncode, 0)
        workflow = yaml.safe_load(printed["github"])
        self.assertEqual(workflow["jobs"]["check"]["strategy"]["matrix"]["shard"], [1, 2, 3])
        for step in steps(workflow):
            if "run" in step:
                text = re.sub(r"\$\{\{.*?\}\}", "x", step["run"])
                self.assertEqual(subprocess.run(["bash", "-n"], input=text, text=True).returncode, 0, step)


if __name__ == "__main__":
    attest = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)

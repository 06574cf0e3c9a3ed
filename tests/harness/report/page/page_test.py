#!/usr/bin/env python3
"""Opens pages of planted bugs in a browser:
page_test.py BENCH_BUGS WORK_DIR [--all | --update | --only BUG...]

--all opens the page of each planted bug; --update writes the expected structure again."""

import pathlib
import re
import subprocess
import sys
import unittest

# Debian installs Selenium for its own Python only.
sys.path.append("/usr/lib/python3/dist-packages")
from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

EXPECTED = pathlib.Path(__file__).parent / "expected"
COMPARED = ("late_reply", "voted_twice", "lock_order")
bench_bugs, work_dir, update = "", pathlib.Path(), False


def bugs():
    listed = subprocess.run([bench_bugs, "list"], capture_output=True, text=True, check=True)
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    return [name for name in names if not name.endswith(".fixed")]


def write_page(bug):
    file = work_dir / f"{bug}.html"
    file.unlink(missing_ok=True)
    done = subprocess.run([bench_bugs, "run", bug, "--seeds", "1..2000", "--html", str(file)],
                          capture_output=True, text=True, check=False)
    assert done.returncode in (1, 3, 4, 6), f"{bug}: status {done.returncode}: {done.stderr}"
    assert f"page: {file}\n" in done.stdout, done.stdout[-500:]
    return file


def start_browser():
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--window-size=1500,1000"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


class Page:
    """A page that is open in the browser."""

    def __init__(self, browser, file, anchor=""):
        self.browser = browser
        browser.get("about:blank")
        browser.get(f"file://{file}{anchor}")

    def evaluate(self, script):
        return self.browser.execute_script("return " + script)

    def find(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def click(self, selector):
        # SVG elements have no size for the driver; the browser clicks them.
        self.browser.execute_script(
            "document.querySelector(arguments[0]).dispatchEvent("
            "new MouseEvent('click', {bubbles: true}))", selector)

    def press(self, key):
        self.browser.switch_to.active_element.send_keys(key)

    def errors(self):
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def panel(self):
        return self.find("#panel")[0].text

    def structure(self):
        """The columns, the events beside each other, the arrows and the marks, as lines."""
        lines = ["columns: " + ", ".join(one.text.replace("\n", " / ")
                                         for one in self.find("#heads > div") if one.text)]
        lines += self.evaluate("""[...document.querySelectorAll('g.event')].map((one) => {
          const text = one.querySelector(':scope > text');
          const marks = [...one.querySelectorAll('.mark')].map(
            (mark) => Number(mark.dataset.mark) + 1);
          const classes = ['common', 'failing', 'error'].filter(
            (name) => one.classList.contains(name));
          return `${one.dataset.event} ${classes.join(' ')} ${text ? text.textContent : ''}` +
            (marks.length ? ` [${marks}]` : '');
        })""")
        lines += self.evaluate("""[...document.querySelectorAll('path.message')].map((one) =>
          `${one.dataset.from} -> ${one.dataset.to}: ` + one.getAttribute('class').trim())""")
        lines += self.evaluate("""[...document.querySelectorAll(
          '.rule-text, .flight, .stuck-text')].map((one) => one.textContent)""")
        return "".join(re.sub(" +", " ", line).strip() + "\n" for line in lines)


class Pages(unittest.TestCase):
    names = COMPARED

    @classmethod
    def setUpClass(cls):
        work_dir.mkdir(parents=True, exist_ok=True)
        cls.browser = start_browser()
        cls.files = {name: write_page(name) for name in cls.names}

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()

    def each_page(self, anchor=""):
        for name, file in self.files.items():
            with self.subTest(name):
                page = Page(self.browser, file, anchor)
                yield page
                self.assertEqual(page.errors(), [])

    def test_opens_and_shows_each_deviation_the_point_and_the_failure(self):
        for page in self.each_page():
            self.assertEqual(page.evaluate("document.body.dataset.ready"), "yes")
            self.assertGreater(page.evaluate("deviations.length"), 0)
            for i in range(page.evaluate("deviations.length")):
                page.evaluate(f"pick(failing.event(deviations[{i}].event + 1), true)")
                self.assertEqual(len(page.find(f"[data-mark='{i}']")), 1)
            for site in ("point", "difference"):
                if page.evaluate(f"sites.{site} !== undefined"):
                    page.evaluate(f"pick(sites.{site}, true)")
                    self.assertEqual(len(page.find(f"line.rule.{site}")), 1)
            page.evaluate("pick(sites.fails, true)")
            self.assertEqual(len(page.find("g.event.failing")), 1)

    def test_each_message_has_an_arrow(self):
        for page in self.each_page():
            page.evaluate("""(() => { Object.assign(view, {fold: false, all: true}); changed();
              draw(0, layout.height); })()""")
            sent = page.evaluate("""runs.filter((run) => shownRuns().includes(run)).flatMap((run) =>
              run.messages).filter((one) => one.from && one.to).length""")
            drawn = page.evaluate("""[...document.querySelectorAll('path.message')].filter((one) =>
              one.dataset.from && one.dataset.to).length""")
            self.assertGreater(sent, 0)
            self.assertEqual(drawn, sent)

    def test_a_click_shows_the_event_and_links_to_it(self):
        for page in self.each_page():
            picked = page.find("g.event")[0].get_attribute("data-event")
            page.click("g.event")
            self.assertEqual(page.evaluate("location.hash"), "#" + picked)
            self.assertIn("operation", page.panel())
            self.assertEqual(len(page.find("g.event.picked")), 1)
            page.press(Keys.ESCAPE)
            self.assertEqual(page.find("g.event.picked"), [])
            self.assertIn("Failure", page.panel())

    def test_an_address_names_an_event(self):
        for page in self.each_page("#e9"):
            self.assertEqual(page.evaluate("view.picked.id"), "e9")
            self.assertIn("9, step", page.panel())

    def test_shows_source_and_command_of_an_event(self):
        for page in self.each_page():
            page.evaluate("pick(failing.events.find((one) => "
                          "one.frames.split(' < ').some((frame) => sourceOf(frame))), true)")
            self.assertTrue(page.find("pre .here"))
            self.assertIn("--reach", page.panel())

    def test_switches_between_the_runs(self):
        for page in self.each_page():
            hosts = page.evaluate("data.hosts.length")
            for key, columns in (("1", hosts), ("2", hosts), ("b", 2 * hosts)):
                page.press(key)
                self.assertEqual(len(page.find("rect.column")), columns)
            page.find("button[data-value='0']")[0].click()
            self.assertEqual(len(page.find("rect.column")), hosts)

    def test_keys_walk_along_events_and_marks(self):
        for page in self.each_page():
            page.press("j")
            first = page.evaluate("view.picked.number")
            page.press("j")
            self.assertGreater(page.evaluate("view.picked.number"), first)
            page.press("k")
            self.assertEqual(page.evaluate("view.picked.number"), first)
            page.press("n")
            self.assertTrue(page.evaluate("isNotable(view.picked)"))
            page.press("t")
            self.assertTrue(page.evaluate("view.time"))
            self.assertEqual(page.find("button[data-value='true']")[0].get_attribute(
                "aria-pressed"), "true")

    def test_search_finds_and_walks(self):
        for page in self.each_page():
            page.press("/")
            page.press(page.evaluate("failing.events.filter(passes).at(-1).op"))
            page.press(Keys.ENTER)
            self.assertTrue(page.evaluate("isFound(view.picked)"))
            self.assertTrue(page.find("g.event.found"))

    def test_filters_by_host(self):
        for page in self.each_page():
            page.evaluate("(() => { view.host = '0'; view.runs = '0'; changed(); })()")
            self.assertEqual(len(page.find("rect.column")), 1)

    def test_shows_the_run_without_a_deviation(self):
        for page in self.each_page():
            page.find(".without-button")[0].click()
            self.assertIn("Without it: ", page.panel())

    def test_has_the_report(self):
        for page in self.each_page():
            page.find("button[data-tab='report']")[0].click()
            for heading in ("Failure", "Cause", "Events", "Reproduce"):
                self.assertIn(heading, page.panel())

    def test_shows_the_sweep(self):
        for page in self.each_page():
            page.find("button[data-tab='sweep']")[0].click()
            for heading in ("2000 runs of seeds 1..2000", "Failures, by kind and line",
                            "Choices that deviated", "Longest runs"):
                self.assertIn(heading, page.panel())
            self.assertEqual(len(page.find("svg.chart")), 3)

    def test_is_small_and_makes_no_request(self):
        for name, file in self.files.items():
            with self.subTest(name):
                self.assertLess(file.stat().st_size, 1 << 20)
        for page in self.each_page():
            self.assertEqual(page.evaluate("performance.getEntriesByType('resource').length"), 0)

    def test_forbids_requests(self):
        page = Page(self.browser, next(iter(self.files.values())))
        self.browser.execute_script("const image = new Image(); document.body.append(image);"
                                    "image.src = 'http://127.0.0.1:9/x.png'")
        self.assertTrue(any("Content Security Policy" in one for one in page.errors()))

    def test_has_the_expected_structure(self):
        for name in set(COMPARED) & set(self.names):
            with self.subTest(name):
                page = Page(self.browser, self.files[name])
                page.evaluate("draw(0, layout.height)")
                found = page.structure()
                file = EXPECTED / f"{name}.txt"
                if update:
                    file.write_text(found)
                self.assertEqual(found, file.read_text())


class Planted(unittest.TestCase):
    """What a page shows of bytes and texts that try to break it."""

    def test_draws_text_as_text(self):
        file = work_dir / "late_reply.html"
        html = write_page("late_reply").read_text()
        self.assertIn('"outcome":"', html)
        evil = html.replace('"outcome":"', '"outcome":"\\u003cimg src=x onerror=alert(1)>', 1)
        file = work_dir / "evil.html"
        file.write_text(evil)
        browser = start_browser()
        try:
            page = Page(browser, file)
            self.assertEqual(page.find("img"), [])
            self.assertIn("<img", page.find("#outcome")[0].text)
            self.assertEqual(page.errors(), [])
        finally:
            browser.quit()


class Sweeps(unittest.TestCase):
    def test_the_page_of_a_sweep_without_a_failure_has_its_runs(self):
        work_dir.mkdir(parents=True, exist_ok=True)
        file = work_dir / "sweep.html"
        done = subprocess.run([bench_bugs, "run", "late_reply.fixed", "--seeds", "1..200",
                               "--html", str(file)], capture_output=True, text=True, check=True)
        self.assertIn(f"page: {file}\n", done.stdout)
        browser = start_browser()
        try:
            page = Page(browser, file)
            self.assertIn("200 runs of seeds 1..200", page.panel())
            self.assertEqual(page.evaluate("data.sweep.longest.length"), 5)
            moments = page.evaluate("data.sweep.moments")
            self.assertEqual(moments[-1][1:3], [200, 0])
            self.assertEqual(sorted(moments), moments)
            self.assertEqual(page.errors(), [])
        finally:
            browser.quit()


if __name__ == "__main__":
    bench_bugs, work_dir = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    update = "--update" in sys.argv
    if "--all" in sys.argv:
        Pages.names = tuple(bugs())
    elif "--only" in sys.argv:
        Pages.names = tuple(sys.argv[sys.argv.index("--only") + 1:])
    done = unittest.main(argv=sys.argv[:1], exit=False).result
    if "--all" in sys.argv and done.wasSuccessful():
        print(f"{len(Pages.names)} pages")
    sys.exit(0 if done.wasSuccessful() else 1)

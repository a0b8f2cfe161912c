#!/usr/bin/python3
"""report.html in a real browser: browser_test.py PAGES_PROGRAM [--keep FOLDER]

Opens the pages that PAGES_PROGRAM writes from disk, in chromium, and checks that every figure draws, filters and copy buttons work,
nothing is written to the console and no request leaves the file. --keep keeps pages and screenshots (both themes, and 390 px).
SPDX-License-Identifier: Apache-2.0
"""
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import unittest

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError as missing:
    print(f"skipped: {missing}; scripts/setup nightly installs it", file=sys.stderr)
    sys.exit(77)
if not (os.path.exists("/usr/bin/chromium") and os.path.exists("/usr/bin/chromedriver")):
    print("skipped: no chromium or chromedriver; scripts/setup nightly installs them", file=sys.stderr)
    sys.exit(77)

MOST_BYTES = 5_000_000
MOST_MILLISECONDS = 2000
FIGURES = ["coverage-overview", "heat-figure", "position-figure", "error-chart", "ulp-charts", "case-table"]
PAGES = ["green", "red", "empty", "layer", "hostile", "large"]
folder = None
driver = None


def start_browser():
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000",
                     "--force-prefers-reduced-motion"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def script(text, *arguments):
    return driver.execute_script(text, *arguments)


def open_page(name):
    """Opens a page afresh; gives the milliseconds from navigation to the last chart."""
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get_log("performance")
    driver.get(f"file://{folder}/{name}.html")
    WebDriverWait(driver, 60).until(lambda _: script("return document.documentElement.dataset.drawn"))
    return int(script("return document.documentElement.dataset.drawn"))


def requests():
    """Addresses that the page asked for, its own file aside."""
    out = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            address = message["params"]["request"]["url"]
            if not address.startswith((f"file://{folder}/", "data:", "about:")):
                out.append(address)
    return out


def resize(width):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500})


def screenshot(name, width):
    height = script("return document.documentElement.scrollHeight")
    picture = driver.execute_cdp_cmd("Page.captureScreenshot", {
        "format": "png", "captureBeyondViewport": True,
        "clip": {"x": 0, "y": 0, "width": width, "height": min(height, 12000), "scale": 1}})
    with open(f"{folder}/{name}.png", "wb") as file:
        file.write(base64.b64decode(picture["data"]))


def contrast(first, second):
    """Of two colours as rgb(..): WCAG 2.1, 1.4.3."""
    def luminance(colour):
        parts = [int(float(x)) / 255 for x in colour[colour.index("(") + 1:-1].split(",")[:3]]
        linear = [x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    high, low = sorted([luminance(first), luminance(second)], reverse=True)
    return (high + 0.05) / (low + 0.05)


class Page(unittest.TestCase):
    def tearDown(self):
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def test_every_figure_draws_without_a_complaint_or_a_request(self):
        for name in PAGES:
            with self.subTest(page=name):
                open_page(name)
                for figure in FIGURES:
                    self.assertEqual(script("return document.getElementById(arguments[0]).dataset.drawn", figure), "yes", figure)
                undrawn = script("return [...document.querySelectorAll('canvas')].filter(c => c.dataset.drawn !== 'yes').length")
                self.assertEqual(undrawn, 0)
                self.assertEqual(driver.get_log("browser"), [])
                self.assertEqual(requests(), [])

    def test_charts_have_ink(self):
        open_page("large")
        self.assertEqual(script("return document.querySelectorAll('canvas').length"), 7)
        for canvas in driver.find_elements(By.CSS_SELECTOR, "canvas"):
            colours = script("""const c = arguments[0]; const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                const seen = new Set(); for (let i = 0; i < p.length; i += 4) if (p[i + 3] === 255) seen.add(p[i] << 16 | p[i + 1] << 8 | p[i + 2]);
                return seen.size""", canvas)
            self.assertGreater(colours, 2)

    def test_all_20000_cases_in_size_and_time(self):
        size = os.path.getsize(f"{folder}/large.html")
        times = [open_page("large") for _ in range(5)]
        median = statistics.median(times)
        print(f"20000 cases: {size} bytes; milliseconds to the last chart {times}, median {median}", file=sys.stderr)
        self.assertIn("20000 of 20000 cases", driver.find_element(By.ID, "case-count").text)
        self.assertLess(size, MOST_BYTES)
        self.assertLessEqual(median, MOST_MILLISECONDS)

    def count(self, text):
        box = driver.find_element(By.ID, "filter")
        box.clear()
        box.send_keys(text)
        script("showFiltered()")
        return int(driver.find_element(By.ID, "case-count").text.split()[0])

    def test_filters(self):
        open_page("large")
        expected = {
            "": "true", "verdict=disagree": "word('verdict', n) === 'disagree'", "sq=64": "cases.sq[n] === 64",
            "sq=63:65 skv=129": "cases.sq[n] >= 63 && cases.sq[n] <= 65 && cases.skv[n] === 129",
            "ratio>1": "cases.o[n] !== null && ratioOf(n) > 1", "o<0.01": "cases.o[n] !== null && cases.o[n] < 0.01",
            "kernel=attention_mma": "word('kernel', n) === 'attention_mma'", "kernel=mma": "word('kernel', n).includes('mma')",
            "causal-br": "cases.case[n].includes('causal-br')", "nothing-has-this": "false"}
        for text, condition in expected.items():
            with self.subTest(filter=text):
                wanted = script(f"let count = 0; for (let n = 0; n < caseCount; ++n) if ({condition}) ++count; return count")
                self.assertEqual(self.count(text), wanted)
        failing = self.count("verdict=disagree")
        self.assertGreater(failing, 0)
        # In one script: the page may draw the rows anew between two questions.
        rows = script("return [...document.querySelectorAll('#case-table .row')].map(row => row.textContent)")
        self.assertTrue(0 < len(rows) < 60, "only rows in sight are in the document")
        self.assertTrue(all("disagree" in row for row in rows))
        driver.find_element(By.ID, "clear").click()
        self.assertIn("20000 of 20000", driver.find_element(By.ID, "case-count").text)

    def test_a_cell_of_the_heat_map_filters_the_table(self):
        open_page("large")
        cell = driver.find_element(By.CSS_SELECTOR, "#heat-figure g.cell")
        label = cell.get_attribute("aria-label")
        wanted = int(label.split(": ")[1].split()[0])
        script("arguments[0].focus()", cell)
        driver.switch_to.active_element.send_keys(Keys.ENTER)
        shown = int(driver.find_element(By.ID, "case-count").text.split()[0])
        self.assertEqual(shown, wanted, label)
        self.assertLess(shown, 20000)
        self.assertIn("chosen", cell.get_attribute("class"))

    def test_copied_lines_can_be_pasted(self):
        open_page("red")
        button = driver.find_element(By.CSS_SELECTOR, "#failures button.copy")
        button.click()
        self.assertEqual(button.text, "Copied")
        box = driver.find_element(By.ID, "filter")
        box.send_keys(Keys.CONTROL, "v")
        self.assertEqual(box.get_attribute("value"), "attest replay 'attn(sq=193,mask=causal-tl,seed=0x11)' "
                         "--kernel zoo/causal_diagonal --property agrees_with_reference")

    def test_the_table_by_keyboard_gives_the_line_that_repeats_a_case(self):
        open_page("large")
        script("document.querySelector('#case-table .row').focus()")
        for key in [Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.PAGE_DOWN, Keys.ENTER]:
            webdriver.ActionChains(driver).send_keys(key).perform()  # rows are made anew while scrolling
        detail = driver.find_element(By.ID, "case-detail")
        self.assertTrue(detail.is_displayed())
        self.assertIn(script("return replayOf(17)"), detail.text)

    def test_sorting(self):
        open_page("large")
        head = driver.find_elements(By.CSS_SELECTOR, "#case-table .head button")[5]
        head.click()
        values = script("return caseTable.rows.slice(0, 200).map(n => cases.o[n])")
        self.assertEqual(values, sorted(values, reverse=True))
        table = driver.find_element(By.CSS_SELECTOR, "#launches table")
        button = table.find_elements(By.CSS_SELECTOR, "thead button")[1]
        script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()
        cells = [int(row.find_elements(By.TAG_NAME, "td")[1].text) for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")]
        self.assertEqual(cells, sorted(cells))
        self.assertGreater(len(set(cells)), 1)

    def test_coverage_names_pairs_that_were_never_drawn(self):
        open_page("large")
        driver.find_element(By.CSS_SELECTOR, '#coverage-overview button[aria-label^="kernel by dtype"]').click()
        text = driver.find_element(By.ID, "coverage-empty").text
        self.assertIn("6 pairs never drawn", text)
        self.assertTrue("f32 × attention_mma" in text or "attention_mma × f32" in text, text)

    def test_errors_in_ulps_by_kernel_have_their_figures_as_text(self):
        open_page("large")
        rows = lambda: [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")]
                        for row in driver.find_elements(By.CSS_SELECTOR, "#ulp-table tbody tr")]
        self.assertEqual([row[:2] for row in rows()], [[d, w] for d in ["f32", "f16", "bf16"] for w in ["kernel", "unfused"]])
        cases = sum(int(row[2]) for row in rows()) // 2
        wanted = script("return data.ulps.reduce((sum, part) => sum + part.cases, 0)")
        self.assertEqual(cases, wanted)
        script("const s = document.getElementById('ulp-kernel'); s.value = 'attention_f32'; s.dispatchEvent(new Event('change'))")
        self.assertEqual([row[0] for row in rows()], ["f32", "f32"])
        self.assertEqual(script("return document.querySelectorAll('#ulp-charts canvas').length"), 1)
        self.assertEqual(script("return document.querySelectorAll('canvas').length"), 5)

    def test_pairs_and_second_opinions_are_named(self):
        open_page("red")
        script("document.querySelectorAll('#coverage details').forEach(d => { d.open = true; })")
        coverage = driver.find_element(By.ID, "coverage").text
        self.assertIn("attention_mma f16: 2 empty pairs", coverage)
        self.assertIn("mask=bool with heads=grouped", coverage)
        oracles = driver.find_element(By.ID, "oracles").text
        for text in ["sm_90 bf16 padding d=64 mha bshd", "sdpa_sm90_flash_fprop_kernel0_0", "planned", "admitted", "hidden_dim should be multiple of 8"]:
            self.assertIn(text, oracles)

    def test_hostile_text_stays_text(self):
        open_page("hostile")
        self.assertEqual(driver.title, "attest: FALSIFIED")
        self.assertEqual(script("return document.querySelectorAll('script').length"), 3)
        self.assertIn("</script><script>document.title", driver.find_element(By.ID, "run").text)

    def test_figures_and_controls_have_names(self):
        open_page("large")
        nameless = script("""return [...document.querySelectorAll('button, select, input, canvas, svg, [role]')].filter(e => {
            if (['row', 'cell', 'rowgroup', 'columnheader'].includes(e.getAttribute('role'))) return false;
            const label = e.closest('label');
            return !(e.getAttribute('aria-label') || e.textContent.trim() || (label && label.textContent.trim()) || e.querySelector('title'));
        }).map(e => e.outerHTML.slice(0, 120))""")
        self.assertEqual(nameless, [])
        for figure in ["heat-figure", "position-figure"]:
            self.assertGreater(script("return document.querySelectorAll(`#${arguments[0]} table td`).length", figure), 10)
        sections = script("return [...document.querySelectorAll('main section')].filter(s => !s.querySelector('.how')).map(s => s.id)")
        self.assertEqual(sections, [], "each has its 'how to read this'")

    def test_contrast_in_both_themes(self):
        open_page("large")
        for theme in ["light", "dark"]:
            script("setTheme(arguments[0])", theme)
            pairs = script("""const out = [];
                for (const e of document.querySelectorAll('main p, main td, main th button, main code, main pre, h1, h2, nav a, .badges li, figcaption')) {
                    let back = e; while (back && getComputedStyle(back).backgroundColor === 'rgba(0, 0, 0, 0)') back = back.parentElement;
                    out.push([getComputedStyle(e).color, getComputedStyle(back || document.body).backgroundColor, e.className]);
                }
                for (const t of document.querySelectorAll('#heat-figure g.cell'))
                    out.push([getComputedStyle(t.querySelector('text')).fill, getComputedStyle(t.querySelector('rect')).fill, 'heat']);
                return [...new Set(out.map(pair => pair.join('|')))]""")
            self.assertGreater(len(pairs), 5)
            for pair in pairs:
                text, back, where = pair.split("|")
                self.assertGreaterEqual(contrast(text, back), 4.5, f"{theme} {pair}")

    def test_themes_phone_and_print(self):
        for name in ["red", "large"]:
            open_page(name)
            for theme in ["light", "dark"]:
                script("setTheme(arguments[0])", theme)
                screenshot(f"{name}-{theme}", 1280)
            resize(390)
            self.assertLessEqual(script("return document.documentElement.scrollWidth"), 390, name)
            screenshot(f"{name}-phone", 390)
            driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
            pdf = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
            self.assertEqual(pdf[:5], b"%PDF-")
            with open(f"{folder}/{name}.pdf", "wb") as file:
                file.write(pdf)
            self.assertEqual(driver.get_log("browser"), [])


if __name__ == "__main__":
    keep = sys.argv[sys.argv.index("--keep") + 1] if "--keep" in sys.argv else None
    with tempfile.TemporaryDirectory() as temporary:
        folder = os.path.abspath(keep or temporary)
        os.makedirs(folder, exist_ok=True)
        subprocess.run([sys.argv[1], folder], check=True)
        driver = start_browser()
        try:
            result = unittest.main(argv=[sys.argv[0]], exit=False, verbosity=2).result
        finally:
            driver.quit()
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)

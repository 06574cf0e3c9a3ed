#!/usr/bin/env python3
"""Makes the pictures of pages in the documentation: pictures.py BENCH_BUGS

It runs planted bugs, opens their pages in Chromium and writes page.png and page-parts.png beside
itself. In the second one, numbers point to the parts that docs/debugging.md lists."""

import pathlib
import subprocess
import sys
import tempfile

# Debian installs Selenium for its own Python only.
sys.path.append("/usr/lib/python3/dist-packages")
from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402

HERE = pathlib.Path(__file__).parent
# The parts of the page, as selectors of elements, in the order of the list in docs/debugging.md.
PARTS = ("#heads > div:nth-child(3)", "path.message.late", "rect.wait",
         "rect.column:nth-of-type(3)", "g.mark", "path.curve", "line.rule.point",
         "#panel h2:nth-of-type(2)", "#search")

NUMBER_PARTS = """
arguments[0].forEach((selector, i) => {
  const one = document.querySelector(selector);
  const box = one.getBoundingClientRect();
  const tag = document.createElement('div');
  tag.textContent = 'ABCDEFGHI'[i];
  const left = Math.max(2, box.left - 12);
  const middle = Math.min(box.top + Math.min(box.height / 2, 200), innerHeight - 30);
  tag.style.cssText = `position:fixed;left:${left}px;top:${Math.max(2, middle - 12)}px;
    width:24px;height:24px;border-radius:12px;background:#111;color:#fff;z-index:9;
    font:700 14px/24px sans-serif;text-align:center;box-shadow:0 0 0 2px #fff`;
  document.body.append(tag);
});"""


def open_page(browser, bench_bugs, folder, bug):
    file = pathlib.Path(folder) / f"{bug}.html"
    subprocess.run([bench_bugs, "run", bug, "--seeds", "1..2000", "--html", str(file)],
                   stdout=subprocess.DEVNULL, check=False)
    # The path of the program is that of this machine.
    file.write_text(file.read_text().replace(bench_bugs, "bench_bugs"))
    browser.get(f"file://{file}")
    browser.execute_script("document.getElementById('tabs').scrollIntoView()")


def save(browser, name):
    file = str(HERE / name)
    browser.save_screenshot(file)
    subprocess.run(["pngquant", "--force", "--quality", "70-95", "--speed", "1", "--strip",
                    "--output", file, file], check=True)


def main():
    bench_bugs = sys.argv[1]
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--window-size=1360,860", "--hide-scrollbars"):
        options.add_argument(flag)
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    try:
        with tempfile.TemporaryDirectory() as folder:
            open_page(browser, bench_bugs, folder, "voted_twice")
            save(browser, "page.png")
            open_page(browser, bench_bugs, folder, "late_reply")
            browser.execute_script(NUMBER_PARTS, PARTS)
            save(browser, "page-parts.png")
    finally:
        browser.quit()


if __name__ == "__main__":
    main()

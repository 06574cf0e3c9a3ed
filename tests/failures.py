"""Prints the failed tests of a ctest report (JUnit XML): name and last lines of output."""

import sys
import xml.etree.ElementTree as xml

LAST_LINES = 25

for test in xml.parse(sys.argv[1]).getroot().iter("testcase"):
    if test.find("failure") is not None or test.get("status") == "fail":
        print("FAILED:", test.get("name"))
        for line in (test.findtext("system-out") or "").splitlines()[-LAST_LINES:]:
            print("   ", line)

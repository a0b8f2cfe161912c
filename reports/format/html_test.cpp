// report.html: what stands in it without a script, and that nothing breaks out of its place. What
// a browser makes of it is browser/browser_test.py.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/record_sample.h"
#include "reports/format/format.h"
#include "reports/golden/golden.h"

#include <gtest/gtest.h>

#include <string>

namespace attest {
Format format_html();
namespace {

std::int64_t count_of(const std::string& text, const std::string& part) {
  std::int64_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(Html, of_a_falsified_run) {
  expect_golden(markup(format_html().render(sample_run(), {})), "red.html");
}

TEST(Html, of_a_layer_with_a_baseline) {
  const RunRecord base = sample_layer_run();
  RunRecord next = base;
  next.layers[0].pipelines[1].verdict = Verdict::disagree;
  const RenderOptions options{.has_colour = false, .baseline = &base};
  const std::string text = markup(format_html().render(next, options));
  EXPECT_NE(
      text.find("<b>1 WORSE, 2 SAME; 1 new failure, 0 fixed; 3 common cases, 0 gone, 0 new</b>"),
      std::string::npos);
  EXPECT_NE(
      text.find("<td>layer(s=128,mask=causal-tl,seed=0x2a) flash</td><td class=\"bad\">WORSE</td>"),
      std::string::npos);
  EXPECT_NE(text.find("New failure: layer(s=128,mask=causal-tl,seed=0x2a) flash"),
            std::string::npos);
  EXPECT_EQ(count_of(text, "<canvas data-layer=\"0\""), 3);
  EXPECT_NE(text.find("<summary>flash: attention in one launch</summary>"), std::string::npos);
  EXPECT_EQ(markup(format_html().render(next, {})).find("Since the baseline"), std::string::npos);
}

TEST(Html, needs_nothing_from_outside) {
  const std::string page = format_html().render(sample_run(), {});
  EXPECT_EQ(page.find(" src="), page.find(" src=\"data:")) << "no script or picture of its own";
  const std::string text = markup(page);
  EXPECT_EQ(text.find("http:"), std::string::npos);
  EXPECT_EQ(text.find("https:"), std::string::npos);
  EXPECT_NE(text.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(page.find("new Chart("), std::string::npos);
}

TEST(Html, text_stays_text) {
  RunRecord run = sample_run();
  const std::string text = "</script></pre><b>{{lead}}]]>&\x01\xff\"'";
  run.profile = text;
  run.failures[0].shrunk.divergence->pattern = text;
  run.failures[1].shrunk.which.kernel = text;
  run.cases[3].reason = text;
  run.cases[4].which.kernel = text;
  const std::string page = format_html().render(run, {});
  const std::string plain = format_html().render(sample_run(), {});
  EXPECT_EQ(count_of(page, "</script>"), count_of(plain, "</script>"));
  EXPECT_EQ(count_of(page, "</pre>"), count_of(plain, "</pre>"));
  EXPECT_EQ(count_of(page, "<b>{{"), 0);
  EXPECT_EQ(page.find('\x01'), std::string::npos);
  EXPECT_EQ(page.find('\xff'), std::string::npos);
  EXPECT_NE(page.find("&lt;b&gt;{{lead}}]]&gt;&amp;?\xef\xbf\xbd&quot;"), std::string::npos);
}

TEST(Html, more_failures_than_cards_are_counted) {
  RunRecord run = sample_run();
  while (run.failures.size() < 60)
    run.failures.push_back(run.failures[0]);
  const std::string page = format_html().render(run, {});
  EXPECT_NE(page.find("10 more failures are in run.json"), std::string::npos);
}

}  // namespace
}  // namespace attest

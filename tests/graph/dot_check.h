// A small reader of Graphviz' language: enough to know that `dot` would accept what Folio draws.
#pragma once
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

namespace folio {

/// Quotes and braces are closed, every statement ends, and every edge joins nodes that exist.
inline void expect_valid_dot(const std::string& text) {
  int depth = 0;
  bool quoted = false;
  std::string bare;  // the text with empty strings, so that labels cannot look like statements
  for (size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
      ASSERT_LT(i, text.size());
      continue;
    }
    if (text[i] == '"') quoted = !quoted;
    if (quoted) {
      ASSERT_NE(text[i], '\n') << "a string runs over the end of its line:\n" << text;
      continue;
    }
    bare += text[i];
    depth += (text[i] == '{') - (text[i] == '}');
    ASSERT_GE(depth, 0) << text;
  }
  ASSERT_FALSE(quoted) << text;
  ASSERT_EQ(depth, 0) << text;
  ASSERT_EQ(bare.rfind("digraph ", 0), 0u) << text;

  std::set<std::string> nodes;
  std::istringstream lines(bare);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first, second, third;
    words >> first >> second >> third;
    if (first.empty() || first == "}" || first == "digraph" || first == "subgraph") continue;
    ASSERT_EQ(line.back(), ';') << line;
    if (second == "->") {
      if (third.ends_with(';')) third.pop_back();
      EXPECT_TRUE(nodes.count(first) && nodes.count(third)) << line;
    } else if (second.starts_with('[')) {
      EXPECT_TRUE(nodes.insert(first).second) << first << " is drawn twice";
    }
  }
  EXPECT_FALSE(nodes.empty()) << text;
}

}  // namespace folio

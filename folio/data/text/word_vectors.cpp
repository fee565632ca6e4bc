#include "folio/data/text/word_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <string_view>
#include <unordered_map>

#include "folio/base/error.h"
#include "folio/base/gzip.h"
#include "folio/base/spelling.h"
#include "folio/base/utf8.h"

namespace folio {
namespace {

std::string_view without_gz(std::string_view path) {
  if (path.ends_with(".gz")) path.remove_suffix(3);
  return path;
}

// Words and rows as they come.
class Collector {
 public:
  explicit Collector(int64_t width) : width_(static_cast<size_t>(width)) {}
  float* row(std::string_view word) {
    std::string text = repaired_utf8(word);
    if (!seen_.try_emplace(text, words_.size()).second) {
      repeated_.resize(width_);
      return repeated_.data();
    }
    words_.push_back(std::move(text));
    numbers_.resize(words_.size() * width_);
    return numbers_.data() + (words_.size() - 1) * width_;
  }
  WordVectors take() {
    Tensor vectors({static_cast<int64_t>(words_.size()), static_cast<int64_t>(width_)});
    std::copy(numbers_.begin(), numbers_.end(), vectors.data<float>());
    return {std::move(words_), std::move(vectors)};
  }

 private:
  size_t width_;
  std::vector<std::string> words_;
  std::vector<float> numbers_, repeated_;
  std::unordered_map<std::string, size_t> seen_;
};

bool is_whole(std::string_view text, int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0;
}

bool is_float(std::string_view text, float& number) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) number = 0;  // smaller than float32 knows, or larger
  return end == text.data() + text.size() && !text.empty() && error != std::errc::invalid_argument;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed_end(std::string_view line) {
  while (!line.empty() && (is_blank(line.back()) || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

// How many numbers stand behind the first word of a line.
int64_t numbers_of(std::string_view line) {
  line = trimmed_end(line);
  int64_t blanks = 0;
  for (size_t i = 1; i < line.size(); ++i) blanks += is_blank(line[i]) && !is_blank(line[i - 1]);
  return blanks;
}

// "8 4": how many words, and how wide.
bool is_header(std::string_view line, int64_t& count, int64_t& width) {
  line = trimmed_end(line);
  const size_t blank = line.find(' ');
  return blank != std::string_view::npos && is_whole(line.substr(0, blank), count) &&
         is_whole(line.substr(blank + 1), width);
}

std::vector<std::string_view> lines_in(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  while (!lines.empty() && trimmed_end(lines.back()).empty()) lines.pop_back();
  return lines;
}

// Words may hold blanks, so that lines seem too wide: what most of the first ones have is right.
int64_t common_width(const std::vector<std::string_view>& lines) {
  std::map<int64_t, int64_t> counts;
  for (size_t i = 0; i < std::min<size_t>(lines.size(), 1000); ++i) ++counts[numbers_of(lines[i])];
  const auto most = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
    return a.second < b.second || (a.second == b.second && a.first > b.first);
  });
  return most == counts.end() ? 0 : most->first;
}

void read_line(std::string_view line, int64_t width, Collector& into, const std::string& place) {
  std::string_view rest = trimmed_end(line);
  std::vector<float> numbers(static_cast<size_t>(width));
  for (size_t i = numbers.size(); i-- > 0;) {
    const size_t blank = rest.find_last_of(" \t");
    float& number = numbers[i];
    if (blank == std::string_view::npos || !is_float(rest.substr(blank + 1), number))
      throw Error(fmt::format("{}: expected a word and {} numbers, got \"{}\"", place, width,
                              shortened(repaired_utf8(line), 60)));
    if (!std::isfinite(number))
      throw Error(fmt::format("{}: expected numbers that are finite, got {}", place, number));
    rest = rest.substr(0, blank);
    while (i > 0 && !rest.empty() && is_blank(rest.back())) rest.remove_suffix(1);
  }
  std::copy(numbers.begin(), numbers.end(), into.row(rest));
}

WordVectors read_text(std::string_view text, const std::string& path) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::string_view> lines = lines_in(text);
  int64_t count = 0, width = 0;
  const bool headed = lines.size() != 1 && !lines.empty() && is_header(lines[0], count, width) &&
                      (lines.size() < 2 || numbers_of(lines[1]) >= width);
  if (headed && count != static_cast<int64_t>(lines.size()) - 1)
    throw Error(
        fmt::format("{}: expected {} words, as the first line says, got {}; the file is cut short or damaged",
                    path, count, lines.size() - 1));
  if (!headed) width = common_width(lines);
  if (width < 1)
    throw Error(path + ": expected lines of a word and its numbers, got " +
                (lines.empty() ? "an empty file" : "lines without numbers"));
  Collector collector(width);
  for (size_t i = headed ? 1 : 0; i < lines.size(); ++i)
    read_line(lines[i], width, collector, fmt::format("{}:{}", path, i + 1));
  return collector.take();
}

WordVectors read_binary(std::string_view bytes, const std::string& path) {
  const size_t end = bytes.substr(0, 64).find('\n');
  int64_t count = 0, width = 0;
  if (end == std::string_view::npos || !is_header(bytes.substr(0, end), count, width))
    throw Error(path +
                ": expected word2vec's binary form, which begins with the numbers of words and of "
                "columns, got something else");
  std::string_view rest = bytes.substr(end + 1);
  const auto size = static_cast<int64_t>(rest.size());
  if (width > size / 4 || count > size / (4 * width + 1))
    throw Error(
        fmt::format("{}: expected {} words of {} numbers, as the first line says, got {} bytes; the "
                    "file is cut short or damaged",
                    path, count, width, size));
  Collector collector(width);
  const size_t row = static_cast<size_t>(width) * 4;
  for (int64_t i = 0; i < count; ++i) {
    if (rest.starts_with('\n')) rest.remove_prefix(1);
    const size_t blank = rest.find(' ');
    if (blank == std::string_view::npos || rest.size() - blank - 1 < row)
      throw Error(
          fmt::format("{}: word {} of {}: expected its {} numbers, got the end of the file; it is cut "
                      "short",
                      path, i + 1, count, width));
    float* numbers = collector.row(rest.substr(0, blank));
    std::memcpy(numbers, rest.data() + blank + 1, row);
    for (int64_t c = 0; c < width; ++c)
      if (!std::isfinite(numbers[c]))
        throw Error(fmt::format("{}: word {}: expected numbers that are finite, got {}; the file is damaged",
                                path, i + 1, numbers[c]));
    rest.remove_prefix(blank + 1 + row);
  }
  return collector.take();
}

}  // namespace

bool is_vector_file(const std::string& path) {
  const std::string_view name = without_gz(path);
  return name.ends_with(".txt") || name.ends_with(".vec") || name.ends_with(".bin");
}

WordVectors read_word_vectors(const std::string& path, uint64_t limit) {
  const auto bytes = read_maybe_gzip(path, limit);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return without_gz(path).ends_with(".bin") ? read_binary(text, path) : read_text(text, path);
}

void write_word_vectors(const std::string& path, const WordVectors& vectors) {
  const bool binary = path.ends_with(".bin"), headed = binary || path.ends_with(".vec");
  if (!headed && !path.ends_with(".txt"))
    throw Error(path + ": expected a name that ends in .txt, .vec or .bin");
  const int64_t width = vectors.width();
  if (!binary)
    for (const std::string& word : vectors.words)
      if (word.find('\n') != std::string::npos || word.ends_with('\r'))
        throw Error(
            fmt::format("{}: expected words without line ends, got \"{}\"", path, shortened(word, 40)));
  AtomicFile file(path);
  const auto write = [&](std::string_view text) { file.write(std::as_bytes(std::span(text))); };
  if (headed) write(fmt::format("{} {}\n", vectors.words.size(), width));
  for (size_t i = 0; i < vectors.words.size(); ++i) {
    const std::string& word = vectors.words[i];
    const float* row = vectors.vectors.data<float>() + static_cast<int64_t>(i) * width;
    if (binary) {
      if (word.empty() || word.find_first_of(" \n") != std::string::npos)
        throw Error(
            fmt::format("{}: expected words without blanks in this form, got \"{}\"; choose a name "
                        "that ends in .txt",
                        path, shortened(word, 40)));
      write(word + " ");
      file.write(std::as_bytes(std::span(row, static_cast<size_t>(width))));
      write("\n");
    } else {
      std::string line = word;
      for (int64_t c = 0; c < width; ++c) line += fmt::format(" {}", row[c]);
      write(line + "\n");
    }
  }
  file.commit();
}

std::vector<WordTerm> word_terms(const std::vector<std::string>& tokens) {
  std::vector<WordTerm> terms;
  double sign = 1;
  bool sign_given = false;
  for (const std::string& token : tokens) {
    if (token == "+" || token == "-") {
      if (sign_given) throw UsageError("WORD: expected a word behind each + and -, got two signs");
      sign = token == "-" ? -1 : 1;
      sign_given = true;
    } else {
      terms.push_back({token, sign});
      sign = 1;
      sign_given = false;
    }
  }
  if (terms.empty() || sign_given)
    throw UsageError("WORD: expected a word, or several with + and - between them");
  return terms;
}

std::vector<std::pair<std::string, double>> nearest_words(const WordVectors& vectors,
                                                          const std::vector<WordTerm>& terms, int64_t count) {
  const auto width = static_cast<size_t>(vectors.width());
  const float* all = vectors.vectors.data<float>();
  const auto length_of = [&](size_t row) {
    double squares = 0;
    for (size_t c = 0; c < width; ++c)
      squares += static_cast<double>(all[row * width + c]) * all[row * width + c];
    return std::sqrt(squares);
  };
  std::vector<double> wanted(width);
  std::vector<size_t> given;
  for (const WordTerm& term : terms) {
    const auto found = std::find(vectors.words.begin(), vectors.words.end(), term.word);
    if (found == vectors.words.end()) {
      const std::string near = nearest(term.word, vectors.words);
      throw Error(fmt::format("WORD: expected one of the {} words there are, got \"{}\"{}",
                              vectors.words.size(), term.word,
                              near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    }
    given.push_back(static_cast<size_t>(found - vectors.words.begin()));
    const double length = length_of(given.back());
    if (length > 0)
      for (size_t c = 0; c < width; ++c) wanted[c] += term.sign * all[given.back() * width + c] / length;
  }
  double squares = 0;
  for (const double entry : wanted) squares += entry * entry;
  const double wanted_length = std::sqrt(squares);
  std::vector<std::pair<double, size_t>> cosines;
  for (size_t row = 0; row < vectors.words.size(); ++row) {
    if (std::find(given.begin(), given.end(), row) != given.end()) continue;
    double product = 0;
    for (size_t c = 0; c < width; ++c) product += wanted[c] * all[row * width + c];
    const double lengths = wanted_length * length_of(row);
    cosines.emplace_back(lengths > 0 ? product / lengths : 0, row);
  }
  const size_t kept = std::min(cosines.size(), static_cast<size_t>(std::max<int64_t>(count, 0)));
  std::partial_sort(cosines.begin(), cosines.begin() + static_cast<std::ptrdiff_t>(kept), cosines.end(),
                    [](const auto& a, const auto& b) {
                      return a.first != b.first ? a.first > b.first : a.second < b.second;
                    });
  std::vector<std::pair<std::string, double>> nearest;
  for (size_t i = 0; i < kept; ++i) nearest.emplace_back(vectors.words[cosines[i].second], cosines[i].first);
  return nearest;
}

Tensor principal_plane(const Tensor& rows) {
  const int64_t count = rows.shape()[0], width = rows.shape()[1];
  std::vector<double> mean(static_cast<size_t>(width)), covariance(static_cast<size_t>(width * width));
  for (int64_t r = 0; r < count; ++r)
    for (int64_t c = 0; c < width; ++c)
      mean[static_cast<size_t>(c)] += rows.at(r * width + c) / static_cast<double>(count);
  const auto centred = [&](int64_t r, int64_t c) {
    return rows.at(r * width + c) - mean[static_cast<size_t>(c)];
  };
  for (int64_t r = 0; r < count; ++r)
    for (int64_t a = 0; a < width; ++a)
      for (int64_t b = 0; b < width; ++b)
        covariance[static_cast<size_t>(a * width + b)] += centred(r, a) * centred(r, b);
  Tensor plane({count, 2}, DType::float64);
  std::vector<std::vector<double>> found;
  for (int64_t k = 0; k < 2; ++k) {
    // The largest direction that is at right angles to those before, by repeated multiplication.
    std::vector<double> axis(static_cast<size_t>(width));
    for (int64_t c = 0; c < width; ++c) axis[static_cast<size_t>(c)] = 1 + 0.01 * static_cast<double>(c % 7);
    for (int round = 0; round < 300; ++round) {
      std::vector<double> next(axis.size());
      for (size_t a = 0; a < axis.size(); ++a)
        for (size_t b = 0; b < axis.size(); ++b) next[a] += covariance[a * axis.size() + b] * axis[b];
      for (const auto& earlier : found) {
        double product = 0;
        for (size_t c = 0; c < next.size(); ++c) product += next[c] * earlier[c];
        for (size_t c = 0; c < next.size(); ++c) next[c] -= product * earlier[c];
      }
      double squares = 0;
      for (const double entry : next) squares += entry * entry;
      if (squares == 0) {  // the rows do not differ any further
        axis.assign(axis.size(), 0);
        break;
      }
      for (double& entry : next) entry /= std::sqrt(squares);
      axis = std::move(next);
    }
    const auto largest = std::max_element(axis.begin(), axis.end(),
                                          [](double a, double b) { return std::abs(a) < std::abs(b); });
    const double sign = *largest < 0 ? -1 : 1;
    for (int64_t r = 0; r < count; ++r) {
      double at = 0;
      for (int64_t c = 0; c < width; ++c) at += centred(r, c) * axis[static_cast<size_t>(c)];
      plane.set(2 * r + k, sign * at);
    }
    found.push_back(std::move(axis));
  }
  return plane;
}

}  // namespace folio

// What all benchmark programs share: arguments, timing and the line of JSON that they print. Depends on
// nothing else.
#pragma once
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace benchmarks {

/// A mistake on the command line.
struct OptionError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Positional arguments, `--name value` options and `--name` flags. Unknown names are mistakes.
class Arguments {
 public:
  Arguments(int count, char** texts, const std::set<std::string>& options,
            const std::set<std::string>& flags) {
    for (int i = 1; i < count; ++i) {
      const std::string text = texts[i];
      if (text.rfind("--", 0) != 0) {
        positional_.push_back(text);
        continue;
      }
      const std::string name = text.substr(2);
      if (flags.count(name)) {
        values_[name] = "";
      } else if (options.count(name)) {
        if (i + 1 == count) throw OptionError("option " + text + " needs a value");
        values_[name] = texts[++i];
      } else {
        throw OptionError("there is no option " + text);
      }
    }
  }
  std::string positional(size_t i, const std::string& otherwise = "") const {
    return i < positional_.size() ? positional_[i] : otherwise;
  }
  bool has(const std::string& name) const { return values_.count(name) > 0; }
  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }
  double number(const std::string& name, double otherwise) const {
    if (!has(name)) return otherwise;
    try {
      return std::stod(text(name, ""));
    } catch (const std::logic_error&) {
      throw OptionError("option --" + name + ": expected a number, got \"" + text(name, "") + "\"");
    }
  }

 private:
  std::vector<std::string> positional_;
  std::map<std::string, std::string> values_;
};

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Processor time of all threads of this process.
inline double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// The most memory this program has held. Not from getrusage: its figure survives exec, so that a program
/// started by a larger one would report the size of that one.
inline double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmHWM:", 0) == 0) return std::stod(line.substr(6)) / 1024;
  return 0;
}

/// The value below which the share `q` of all samples lies.
inline double quantile(std::vector<double> samples, double q) {
  if (samples.empty()) return 0;
  const auto place =
      samples.begin() + static_cast<int64_t>(q * static_cast<double>(samples.size() - 1) + 0.5);
  std::nth_element(samples.begin(), place, samples.end());
  return *place;
}

/// Seconds per step. The 10th percentile is the speed when nothing else disturbs; the median holds the noise
/// too.
struct Measurement {
  double p10 = 0, median = 0;
  double processor = 0;
  int64_t steps = 0;
};

/// Calls `step` for `seconds`, after warming up for a quarter of that.
template <class Step>
Measurement measure(Step&& step, double seconds) {
  double start = seconds_now();
  int64_t warm = 0;
  while (warm < 3 || seconds_now() - start < seconds / 4) step(), ++warm;
  // Very short steps are timed in groups, so that neither the clock nor the list of samples weighs anything.
  const double estimate = (seconds_now() - start) / static_cast<double>(warm);
  const int64_t group = std::max<int64_t>(1, static_cast<int64_t>(50e-6 / estimate));
  std::vector<double> samples;
  samples.reserve(1024);
  const double processor_start = processor_seconds();
  start = seconds_now();
  for (double before = start; before - start < seconds || samples.size() < 5;) {
    for (int64_t i = 0; i < group; ++i) step();
    const double after = seconds_now();
    samples.push_back((after - before) / static_cast<double>(group));
    before = after;
  }
  const int64_t steps = static_cast<int64_t>(samples.size()) * group;
  return {quantile(samples, 0.1), quantile(samples, 0.5),
          (processor_seconds() - processor_start) / static_cast<double>(steps), steps};
}

/// One line of JSON, field by field. Texts are printed as they are: they hold no quotes.
class JsonLine {
 public:
  JsonLine& text(const std::string& name, const std::string& value) { return add(name, '"' + value + '"'); }
  JsonLine& number(const std::string& name, double value, int digits = 5) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    return add(name, buffer);
  }
  JsonLine& whole(const std::string& name, int64_t value) { return add(name, std::to_string(value)); }
  /// What every workload reports; `flops` counts matrix products and convolutions of one step only.
  JsonLine& measurement(const Measurement& m, int64_t batch, double flops) {
    const auto samples = static_cast<double>(batch);
    return number("samples_per_second", samples / m.p10, 7)
        .number("samples_per_second_median", samples / m.median, 7)
        .number("ms_per_step", m.p10 * 1e3)
        .number("processor_ms_per_step", m.processor * 1e3)
        .whole("steps", m.steps)
        .number("peak_mb", peak_megabytes())
        .number("gflop_per_step", flops * 1e-9)
        .number("gflops", flops / m.p10 * 1e-9);
  }
  void print() const {
    std::printf("{%s}\n", fields_.c_str());
    std::fflush(stdout);
  }

 private:
  JsonLine& add(const std::string& name, const std::string& value) {
    fields_ += (fields_.empty() ? "\"" : ", \"") + name + "\": " + value;
    return *this;
  }
  std::string fields_;
};

}  // namespace benchmarks

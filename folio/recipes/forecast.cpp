#include "folio/recipes/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/tell.h"
#include "folio/data/dates.h"
#include "folio/layers/all.h"
#include "folio/layers/core/function.h"
#include "folio/recipes/baselines.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/recipes/table.h"

namespace folio {
namespace {

using Numbers = std::vector<double>;

void fields(Fields& f, SeriesPreparation& p) {
  f("target", p.target, {.required = true});
  f("others", p.others);
  f("of_year", p.of_year);
  f("steps", p.steps, {.required = true, .least = 1, .most = 1e6});
  f("ahead", p.ahead, {.required = true, .least = 1, .most = 1e6});
  f("season", p.season, {.required = true, .least = 1, .most = 1e6});
  f("difference", p.difference, {.required = true, .words = "none last season"});
  f("logarithm", p.logarithm);
  f("center", p.center, {.finite = true});
  f("width", p.width, {.above = 0, .finite = true});
  f("change_center", p.change_center, {.finite = true});
  f("change_width", p.change_width, {.above = 0, .finite = true});
  f("centers", p.centers, {.finite = true});
  f("widths", p.widths, {.above = 0, .finite = true});
}

double mean_of(const Numbers& values) {
  double sum = 0;
  for (double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

double deviation_of(const Numbers& values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (double value : values) squares += (value - mean) * (value - mean);
  return values.empty() ? 0 : std::sqrt(squares / static_cast<double>(values.size()));
}

// What one divides by: of values that are all the same, 1.
double width_of(const Numbers& values) {
  const double deviation = deviation_of(values);
  return deviation > 1e-9 * (1 + std::abs(mean_of(values))) ? deviation : 1;
}

Numbers differences(const Numbers& values, int64_t lag) {
  Numbers result;
  for (auto i = static_cast<size_t>(lag); i < values.size(); ++i)
    result.push_back(values[i] - values[i - static_cast<size_t>(lag)]);
  return result;
}

Numbers logarithms(Numbers values) {
  for (double& value : values) value = std::log(value);
  return values;
}

// Whether steps grow with the level, as in what grows by shares of itself.
bool looks_multiplicative(const Numbers& values) {
  constexpr double kClear = 0.3;
  if (*std::min_element(values.begin(), values.end()) <= 0) return false;
  Numbers levels, steps;
  for (size_t i = 1; i < values.size(); ++i) {
    levels.push_back((values[i] + values[i - 1]) / 2);
    steps.push_back(std::abs(values[i] - values[i - 1]));
  }
  const double level = mean_of(levels), step = mean_of(steps);
  double together = 0;
  for (size_t i = 0; i < levels.size(); ++i) together += (levels[i] - level) * (steps[i] - step);
  const double scale = deviation_of(levels) * deviation_of(steps) * static_cast<double>(levels.size());
  return scale > 0 && together / scale > kClear;
}

int64_t season_of(double step) {
  const auto near = [&](double days) { return std::abs(step / days - 1) < 0.04; };
  if (near(30.4375)) return 12;
  if (near(91.3)) return 4;
  if (near(1)) return 7;
  if (near(1.0 / 24)) return 24;
  return 1;
}

// A setting that is a number, or "auto".
int64_t number_or(const Settings& settings, const std::string& key, int64_t automatic) {
  const std::string& text = settings.text(key);
  if (text == "auto") return automatic;
  return static_cast<int64_t>(Range{1, 1e6, true}.parse(text, "--set " + key));
}

bool is_in_words(const Settings& settings, const std::string& key, bool automatic) {
  const std::string& word = settings.choice(key, {"auto", "yes", "no"});
  return word == "auto" ? automatic : word == "yes";
}

// Learns from the values that are for training.
SeriesPreparation learnt(const Series& series, const Settings& settings, size_t training) {
  SeriesPreparation p;
  p.target = series.names[0];
  p.others.assign(series.names.begin() + 1, series.names.end());
  p.ahead = static_cast<int64_t>(settings.number("ahead"));
  Numbers values(series.columns[0].begin(),
                 series.columns[0].begin() + static_cast<std::ptrdiff_t>(training));
  p.season = number_or(settings, "season", season_of(series.step));
  p.logarithm = is_in_words(settings, "log", looks_multiplicative(values));
  if (p.logarithm) {
    if (*std::min_element(series.columns[0].begin(), series.columns[0].end()) <= 0)
      throw Error(fmt::format("--set log: expected values above 0 in column \"{}\", got {}; leave it out",
                              p.target,
                              *std::min_element(series.columns[0].begin(), series.columns[0].end())));
    values = logarithms(std::move(values));
  }
  // What is left to predict is small where the right thing is subtracted.
  const double step = deviation_of(differences(values, 1));
  const bool seasons = p.season > 1 && values.size() > 3 * static_cast<size_t>(p.season);
  const double seasonal = seasons ? deviation_of(differences(differences(values, p.season), 1)) : step;
  p.difference = settings.choice("difference", {"auto", "none", "last", "season"});
  if (p.difference == "season" && p.season == 1)
    throw Error(
        "--set difference=season: expected a season of 2 steps or more; give --set season=12 or the like");
  constexpr double kMuchSmaller = 0.8, kWanders = 3;
  if (p.difference == "auto")
    p.difference = seasonal < kMuchSmaller * step                   ? "season"
                   : deviation_of(values) > kWanders * step + 1e-12 ? "last"
                                                                    : "none";
  p.steps = number_or(settings, "steps", std::clamp<int64_t>(p.season == 7 ? 28 : 2 * p.season, 12, 48));
  p.of_year = !series.days.empty() && series.step < 20 && series.step > 0.9 &&
              series.days.back() - series.days.front() > 2 * 365.25 &&
              static_cast<double>(training) * series.step > 365.25;
  p.center = mean_of(values);
  p.width = width_of(values);
  if (p.lag() > 0) {
    Numbers changes = differences(values, p.lag());
    for (double& change : changes) change /= p.width;
    p.change_center = mean_of(changes);
    p.change_width = width_of(changes);
  }
  for (size_t c = 1; c < series.columns.size(); ++c) {
    const Numbers column(series.columns[c].begin(),
                         series.columns[c].begin() + static_cast<std::ptrdiff_t>(training));
    p.centers.push_back(mean_of(column));
    p.widths.push_back(width_of(column));
  }
  if (p.of_year) p.centers.insert(p.centers.end(), {0, 0}), p.widths.insert(p.widths.end(), {1, 1});
  return p;
}

std::string described(const Series& series, const SeriesPreparation& p, size_t train, size_t validation,
                      size_t test) {
  std::string text = fmt::format("{}: {} values of \"{}\"", series.place, series.rows(), p.target);
  if (!series.days.empty())
    text += fmt::format(", {} to {}", date_text(series.days.front()), date_text(series.days.back()));
  text += fmt::format("; windows of {} values, {} ahead; {} to learn from, {} to stop by, {} for the test\n",
                      p.length(), p.ahead, train, validation, test);
  text += fmt::format("The network sees {}{}", p.logarithm ? "logarithms of " : "",
                      p.lag() == 0   ? "the values"
                      : p.lag() == 1 ? "the steps from value to value"
                                     : fmt::format("the differences from {} steps before", p.lag()));
  if (!p.others.empty()) text += fmt::format(", and the columns {}", fmt::join(p.others, ", "));
  if (p.of_year) text += ", and the time of the year";
  text += ".\n";
  return text;
}

// How many of `count` values a setting means: a share, or a number of them.
size_t share_of(double setting, size_t count) {
  return static_cast<size_t>(setting < 1 ? std::llround(setting * static_cast<double>(count))
                                         : std::llround(setting));
}

Layer function(const char* name, const FunctionSettings& settings = {}) {
  return Layer(make_body<FunctionBody>("", true, name, settings));
}

}  // namespace

Json SeriesPreparation::to_json() const {
  SeriesPreparation copy = *this;
  return written_fields([&](Fields& f) { fields(f, copy); });
}

SeriesPreparation SeriesPreparation::from_json(const Json& json, const std::string& place) {
  SeriesPreparation p;
  read_fields(json, place, [&](Fields& f) { fields(f, p); });
  if (p.centers.size() != p.widths.size() || p.centers.size() != p.others.size() + (p.of_year ? 2 : 0))
    throw Error(place + ": expected a center and a width for each column; the file is damaged");
  return p;
}

std::vector<Numbers> SeriesPreparation::channels(const Series& series) const {
  std::vector<Numbers> all = {series.columns[0]};
  for (const std::string& name : others) {
    const auto found = std::find(series.names.begin(), series.names.end(), name);
    if (found == series.names.end())
      throw Error(fmt::format("{}: expected the column \"{}\", which the model was trained with, found {}",
                              series.place, name, fmt::join(series.names, ", ")));
    all.push_back(series.columns[static_cast<size_t>(found - series.names.begin())]);
  }
  if (!of_year) return all;
  if (series.days.empty())
    throw Error(fmt::format("{}: expected a column of dates, which the model was trained with, found none",
                            series.place));
  Numbers sines, cosines;
  for (const double day : series.days) {  // of what comes next
    const double turn = 2 * std::numbers::pi * (day + series.step) / 365.2425;
    sines.push_back(std::sin(turn));
    cosines.push_back(std::cos(turn));
  }
  all.push_back(std::move(sines));
  all.push_back(std::move(cosines));
  return all;
}

Data SeriesPreparation::windows(const Series& series, int64_t first, int64_t last) const {
  first = std::max(first, length());
  last = std::min(last, static_cast<int64_t>(series.rows()) - ahead + 1);
  const int64_t rows = std::max<int64_t>(last - first, 0), width = columns();
  const std::vector<Numbers> all = channels(series);
  Tensor x({rows, length(), width}), y({rows, ahead});
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t t = 0; t < length(); ++t)
      for (int64_t c = 0; c < width; ++c)
        x.set((r * length() + t) * width + c,
              all[static_cast<size_t>(c)][static_cast<size_t>(first + r - length() + t)]);
    for (int64_t h = 0; h < ahead; ++h) y.set(r * ahead + h, all[0][static_cast<size_t>(first + r + h)]);
  }
  return Data(x, y);
}

Data SeriesPreparation::windows(const Series& series) const {
  if (static_cast<int64_t>(series.rows()) < length() + ahead)
    throw Error(
        fmt::format("{}: expected at least {} values, which is one window and what follows it, got {}",
                    series.place, length() + ahead, series.rows()));
  return windows(series, length(), static_cast<int64_t>(series.rows()));
}

Tensor SeriesPreparation::last_window(const Series& series) const {
  const auto rows = static_cast<int64_t>(series.rows());
  if (rows < length())
    throw Error(fmt::format("{}: expected at least {} values, which is one window, got {}", series.place,
                            length(), rows));
  const std::vector<Numbers> all = channels(series);
  const int64_t width = columns();
  Tensor x({1, length(), width});
  for (int64_t t = 0; t < length(); ++t)
    for (int64_t c = 0; c < width; ++c)
      x.set(t * width + c, all[static_cast<size_t>(c)][static_cast<size_t>(rows - length() + t)]);
  return x;
}

RecipeData forecast_data(const Recipe&, const RunRequest& request, const Settings& settings) {
  if (!is_table_file(request.data))
    throw Error(
        fmt::format("--data: expected a .csv or .tsv file, got \"{}\"; for example: folio train forecast "
                    "--data sales.csv --target sold",
                    request.data));
  const Series series = read_series(read_csv(request.data), request.target);
  const size_t count = series.rows();
  const size_t test = share_of(settings.number("test"), count);
  const size_t validation = test < count ? share_of(settings.number("validation"), count - test) : 0;
  const size_t training = count > test + validation ? count - test - validation : 0;
  constexpr int64_t kFewest = 8;
  SeriesPreparation p;
  if (training > 1) p = learnt(series, settings, training);
  const auto windows = static_cast<int64_t>(training) - p.length() - p.ahead + 1;
  if (windows < kFewest || validation < 1 || test < 1)
    throw Error(fmt::format(
        "{}: column \"{}\": expected at least {} values to learn from windows of {}, and some to stop by and "
        "to test "
        "with, got {}, {} and {} ({} in all); give a longer series, or shorter windows (--set steps=N)",
        series.place, series.names[0], p.length() + p.ahead + kFewest - 1, p.length(), training, validation,
        test, count));
  for (const std::string& remark : series.remarks) warn(fmt::format("{}: {}", series.place, remark));
  const auto learn = static_cast<int64_t>(training), stop = static_cast<int64_t>(training + validation);
  RecipeData data;
  data.name = request.data;
  data.train = p.windows(series, 0, learn - p.ahead + 1);
  data.validation = p.windows(series, learn, stop - p.ahead + 1);
  data.test = p.windows(series, stop, static_cast<int64_t>(count));
  for (const auto& [part, name] : {std::pair{&data.validation, "validation"}, {&data.test, "test"}})
    if (part->rows() == 0)
      throw Error(
          fmt::format("--set {}: expected at least {} values, as many as are predicted at once, got {}", name,
                      p.ahead, name == std::string("test") ? test : validation));
  data.task.input = {p.length(), p.columns()};
  data.task.series = std::make_shared<const SeriesPreparation>(p);
  data.description = described(series, p, training, validation, test);
  set_preparation(data.assets, p);
  return data;
}

Model forecast_network(const RecipeTask& task, const Settings& settings) {
  const SeriesPreparation p = task.series ? *task.series : SeriesPreparation();
  const int64_t lag = p.lag(), length = p.length();
  const auto units = static_cast<int64_t>(settings.number("units"));
  const Value x = Input({length, p.columns()});
  const auto column = [&](int64_t first, int64_t last) {
    FunctionSettings which;
    which.index = {{.kind = IndexPart::Kind::ellipsis}, {.start = first, .stop = last}};
    return function("GetItem", which);
  };
  Value level = p.columns() > 1 ? column(0, 1)(x) : x;
  if (p.logarithm) level = function("Log")(level);
  level = Rescaling(1 / p.width, -p.center / p.width)(level);
  Value seen = level;
  if (lag > 0)
    seen = Rescaling(1 / p.change_width, -p.change_center / p.change_width)(
        Subtract()({Cropping1D({lag, 0})(level), Cropping1D({0, lag})(level)}));
  if (p.columns() > 1) {
    Value others = column(1, p.columns())(x);
    if (lag > 0) others = Cropping1D({lag, 0})(others);
    std::vector<float> means(p.centers.begin(), p.centers.end()), variances;
    for (const double width : p.widths) variances.push_back(static_cast<float>(width * width));
    const Shape shape{static_cast<int64_t>(means.size())};
    others =
        Normalization({.mean = Tensor::of(shape, means), .variance = Tensor::of(shape, variances)})(others);
    seen = Concatenate()({seen, others});
  }
  const std::string& network =
      settings.choice("network", {"gru", "lstm", "simple_rnn", "conv", "dense", "linear"});
  Value y = seen;
  if (network == "gru") y = GRU(units)(y);
  if (network == "lstm") y = LSTM(units)(y);
  if (network == "simple_rnn") y = SimpleRNN(units)(y);
  if (network == "conv") {
    y = Conv1D(units, 3, {.padding = "causal", .activation = "relu"})(y);
    y = Flatten()(Conv1D(units, 3, {.padding = "causal", .dilation_rate = 2, .activation = "relu"})(y));
  }
  if (network == "dense") y = Dense(units, {.activation = "relu"})(Flatten()(y));
  if (network == "linear") y = Flatten()(y);
  y = Dense(p.ahead, {.name = "change"})(y);
  if (lag > 0) {
    y = Rescaling(p.change_width, p.change_center)(y);
    // What each is added to: the value one lag before it, as far as that is known.
    std::vector<Value> before;
    for (int64_t done = 0; done < p.ahead;) {
      const int64_t some = std::min(lag, p.ahead - done);
      before.push_back(
          Flatten()(some == lag && length == lag ? level : Cropping1D({length - lag, lag - some})(level)));
      done += some;
    }
    y = Add()({before.size() == 1 ? before[0] : Concatenate()(before), y});
  }
  y = Rescaling(p.width, p.center)(y);
  if (p.logarithm) y = function("Exp")(y);
  return Model(x, y, "forecast");
}

std::vector<Baseline> forecast_baselines(const Recipe& recipe, const RecipeData& data,
                                         const Settings& settings, const FitOptions& options) {
  const SeriesPreparation& p = *data.task.series;
  const Tensor &x = data.test.x[0], &y = data.test.y[0];
  const auto error_of = [&](int64_t back) {
    double sum = 0;
    for (int64_t r = 0; r < y.shape()[0]; ++r)
      for (int64_t h = 0; h < p.ahead; ++h) {
        const int64_t t = p.length() - back + h % back;
        sum += std::abs(y.at(r * p.ahead + h) - x.at((r * p.length() + t) * p.columns()));
      }
    return Logs{{"mae", sum / static_cast<double>(y.count())}};
  };
  std::vector<Baseline> baselines = {{"the last value again", error_of(1)}};
  if (p.season > 1 && p.season <= p.length())
    baselines.push_back({fmt::format("the value {} steps before", p.season), error_of(p.season)});
  if (settings.text("network") == "linear") return baselines;
  Settings linear = settings;
  linear.set("network", "linear");
  const Model model = recipe.build(data.task, linear);
  compile_for(model, data.task, "adam");
  model.optimizer()->set_learning_rate(*recipe.training.learning_rate);
  FitOptions fit = comparison_fit(options, *recipe.training.epochs);
  add_early_stopping(fit, recipe.training);
  model.fit(data.train, fit);
  baselines.push_back({"a linear model", model.evaluate(data.test, 256)});
  return baselines;
}

}  // namespace folio

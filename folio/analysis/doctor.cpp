#include "folio/analysis/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "folio/analysis/layer_watch.h"
#include "folio/analysis/probe.h"
#include "folio/analysis/rules.h"
#include "folio/analysis/watches.h"
#include "folio/base/error.h"
#include "folio/base/tell.h"
#include "folio/models/model_body.h"

namespace folio {
namespace {

// Features are judged for good from this many rows on, and at the end of an epoch from the fewer on.
constexpr double kRowsOfFeatures = 256, kFewRowsOfFeatures = 16;
// Numbers of a batch's targets that are looked at every time; more only when layers are.
constexpr int64_t kCheapTargets = 4096;
// A model that has been trained for less is not asked whether it can tell classes apart.
constexpr int64_t kStepsToTellClasses = 100;
constexpr int kEpochsToTellClasses = 2;
// How much worse something must get to be told again.
constexpr double kMuchWorse = 2;

class DoctorBody final : public CallbackBody {
 public:
  explicit DoctorBody(const DoctorOptions& options) : options_(options) {
    if (options.every < 1)
      throw Error(fmt::format("Doctor: every: expected at least 1, got {}", options.every));
    if (options.rows < 1) throw Error(fmt::format("Doctor: rows: expected at least 1, got {}", options.rows));
  }
  const std::vector<Finding>& findings() const { return findings_; }
  const LayerStatistics& latest() const { return latest_; }
  template <class F>
  void fields(F&& f);

  CallbackState state() const override;
  void restore(const CallbackState& state) override;
  void on_train_begin(Training& training) override;
  void on_epoch_begin(Training& training, int epoch) override;
  void on_batch_end(Training& training, int64_t batch, const Logs& logs) override;
  void on_epoch_end(Training& training, int epoch, Logs& logs) override;
  void on_train_end(Training& training) override;

 private:
  static ModelFit& known(Training& training);
  static const Tensor* targets_of(ModelFit& training);
  void say(Finding finding, double badness);
  Say sayer();
  bool told(std::initializer_list<const char*> kinds) const;
  void print();

  double batch_loss(const Logs& logs, int64_t rows);
  void look(ModelFit& training);
  void look_at_predictions(const ModelFit& training, const Tensor& predicted);
  void look_for_non_finite(ModelFit& training, double loss);
  std::string first_non_finite(ModelFit& training, std::string& layer) const;
  void keep_weights(const Model& model);
  Course course(const Training& training) const;

  DoctorOptions options_;
  std::vector<Finding> findings_;
  LayerStatistics latest_;
  std::optional<Probe> probe_;
  std::vector<Shape> shapes_;    // of the batch the probe was made for, but for rows
  std::vector<Tensor> weights_;  // as they were at the latest look

  LossWatch loss_;
  LayerWatch layers_;
  TargetWatch targets_;
  FeatureWatch features_;
  ValidationWatch validation_;
  std::map<std::string, double> told_;           // kind -> how bad it was
  std::map<std::string, int> told_severity_;     // kind -> how serious
  std::vector<std::vector<double>> predicted_;   // of the last two looks: per class, how often
  int64_t step_ = 0, looked_ = 0, printed_ = 0;  // looked: the step of the latest look
  int epoch_ = 0;
  bool first_epoch_ = true, looked_at_inputs_ = false, due_ = false, over_ = false;
  double mean_ = 0, rows_ = 0;  // of the running epoch, as reported
};

// All that outlives an interruption, but for the findings themselves.
template <class F>
void DoctorBody::fields(F&& f) {
  f("step", step_), f("looked", looked_), f("printed", printed_), f("epoch", epoch_),
      f("first_epoch", first_epoch_);
  f("looked_at_inputs", looked_at_inputs_), f("due", due_), f("over", over_), f("mean", mean_);
  f("rows", rows_), f("told", told_), f("told_severity", told_severity_), f("predicted", predicted_);
}

template <class Watch>
Json saved(Watch& watch) {
  Json json = Json::object();
  watch.fields([&](const char* name, const auto& value) { json[name] = value; });
  return json;
}

template <class Watch>
void load(Watch& watch, const Json& json) {
  watch.fields([&](const char* name, auto& value) { json.at(name).get_to(value); });
}

ModelFit& DoctorBody::known(Training& training) {
  auto* known = dynamic_cast<ModelFit*>(&training);
  if (!known) throw Error("Doctor: expected a training by fit; it looks into the model");
  return *known;
}

// The targets of a model with one output whose samples all count the same.
const Tensor* DoctorBody::targets_of(ModelFit& training) {
  const Model& model = training.model();
  const size_t inputs = model.inputs().size();
  const Batch& batch = training.batch();
  return model.outputs().size() == 1 && batch.tensors.size() == inputs + 1 ? &batch.tensors[inputs] : nullptr;
}

void DoctorBody::say(Finding finding, double badness) {
  const auto before = told_.find(finding.kind);
  const int severity = static_cast<int>(finding.severity);
  if (before != told_.end() && severity <= told_severity_[finding.kind] &&
      badness < kMuchWorse * before->second)
    return;
  told_[finding.kind] = badness;
  told_severity_[finding.kind] = severity;
  finding.epoch = epoch_;
  finding.step = step_;
  findings_.push_back(std::move(finding));
}

Say DoctorBody::sayer() {
  return [this](Finding finding, double badness) { say(std::move(finding), badness); };
}

bool DoctorBody::told(std::initializer_list<const char*> kinds) const {
  return std::any_of(kinds.begin(), kinds.end(), [&](const char* kind) { return told_.count(kind) > 0; });
}

void DoctorBody::print() {
  for (; printed_ < static_cast<int64_t>(findings_.size()); ++printed_)
    if (options_.print)
      tell(fmt::format("doctor: {}\n", to_string(findings_[static_cast<size_t>(printed_)])));
}

CallbackState DoctorBody::state() const {
  auto& self = const_cast<DoctorBody&>(*this);  // `fields` serves reading and writing
  const Json json = {{"doctor", saved(self)},
                     {"findings", findings_json(findings_)},
                     {"loss", saved(self.loss_)},
                     {"layers", saved(self.layers_)},
                     {"targets", saved(self.targets_)},
                     {"features", saved(self.features_)},
                     {"validation", saved(self.validation_)}};
  const std::string text = json.dump();
  Tensor bytes({static_cast<int64_t>(text.size())}, DType::uint8);
  std::copy(text.begin(), text.end(), bytes.data<uint8_t>());
  return {{}, {bytes}};
}

void DoctorBody::restore(const CallbackState& state) {
  if (state.tensors.size() != 1 || state.tensors[0].dtype() != DType::uint8)
    throw Error("Doctor: the saved state is that of another callback");
  const auto bytes = state.tensors[0].values<uint8_t>();
  const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  try {
    load(*this, json.at("doctor"));
    findings_ = read_findings(json.at("findings"), "Doctor: the saved state");
    load(loss_, json.at("loss"));
    load(layers_, json.at("layers"));
    load(targets_, json.at("targets"));
    load(features_, json.at("features"));
    load(validation_, json.at("validation"));
  } catch (const Json::exception& error) {
    throw Error(std::string("Doctor: the saved state is damaged: ") + error.what());
  }
}

void DoctorBody::on_train_begin(Training& training) {
  *this = DoctorBody(options_);
  const Model& model = known(training).model();
  if (model.outputs().size() == 1)
    if (const Loss* loss = model.model().loss_of(0)) targets_.begin(*loss, model.outputs()[0]);
}

void DoctorBody::on_epoch_begin(Training&, int epoch) {
  print();
  epoch_ = epoch;
  mean_ = rows_ = 0;
}

void DoctorBody::on_train_end(Training&) { print(); }

// Reported losses are means over the epoch so far.
double DoctorBody::batch_loss(const Logs& logs, int64_t rows) {
  const double mean = *find_log(logs, "loss"), n = static_cast<double>(rows);
  const double loss = (mean * (rows_ + n) - mean_ * rows_) / n;
  mean_ = mean;
  rows_ += n;
  return loss;
}

void DoctorBody::on_batch_end(Training& any, int64_t, const Logs& logs) {
  if (over_ || !find_log(logs, "loss")) return;
  ModelFit& training = known(any);
  ++step_;
  const double loss = batch_loss(logs, training.batch_rows());
  if (!std::isfinite(loss)) return look_for_non_finite(training, loss);
  loss_.add(loss);
  due_ = due_ || step_ == 1 || step_ == 4 || step_ == 16 || step_ % options_.every == 0;
  if (first_epoch_ && targets_.understood())
    if (const Tensor* targets = targets_of(training);
        targets && (due_ || TargetWatch::cost(*targets) <= kCheapTargets))
      targets_.add(*targets);
  if (due_) look(training);
  if (weights_.empty()) keep_weights(training.model());  // a resumed training has none yet
  if (loss_.period_full()) {
    loss_.end_period();
    judge_period(course(training), sayer());
  }
}

void DoctorBody::look(ModelFit& training) {
  const Batch& batch = training.batch();
  std::vector<Shape> shapes;
  for (const Tensor& tensor : batch.tensors) shapes.push_back(tensor.shape().with(0, 0));
  if (probe_ && shapes == shapes_ && batch.rows < probe_->rows())
    return;  // still due, at the next whole batch
  if (!probe_ || shapes != shapes_) probe_.emplace(training.model(), batch, options_.rows);
  shapes_ = std::move(shapes);
  due_ = false;
  looked_ = step_;
  const ProbeResult result = probe_->run(batch);
  latest_ = result.statistics;
  layers_.look(latest_, sayer());
  if (!looked_at_inputs_) {
    features_.add(result.features, latest_.rows);
    looked_at_inputs_ = features_.rows() >= kRowsOfFeatures;
    if (looked_at_inputs_) judge_features(features_, sayer());
  }
  if (result.predicted.raw()) look_at_predictions(training, result.predicted);
  keep_weights(training.model());
}

void DoctorBody::look_at_predictions(const ModelFit& training, const Tensor& predicted) {
  const std::vector<double> shares = targets_.shares();
  const int64_t columns = predicted.shape()[-1], rows = predicted.count() / columns;
  if (shares.empty() || predicted.shape().rank() != 2) return;
  std::vector<double> seen(shares.size());
  const double middle = training.model().model().loss_of(0)->from_logits() ? 0 : 0.5;
  for (int64_t r = 0; r < rows; ++r) {
    int64_t best = 0;
    for (int64_t c = 1; c < columns; ++c)
      if (predicted.at(r * columns + c) > predicted.at(r * columns + best)) best = c;
    if (columns == 1) best = predicted.at(r) > middle;
    seen[static_cast<size_t>(best)] += 1;
  }
  if (predicted_.size() == 2) predicted_.erase(predicted_.begin());
  predicted_.push_back(std::move(seen));
}

void DoctorBody::keep_weights(const Model& model) {
  const std::vector<Parameter> weights = model.weights();
  if (weights_.size() != weights.size()) {
    weights_ = model.get_weights();
    return;
  }
  for (size_t i = 0; i < weights.size(); ++i) weights_[i].assign(weights[i].value());
}

Course DoctorBody::course(const Training& training) const {
  const bool cause_known =
      told({"dead_units", "saturated", "vanishing_gradients", "exploding_gradients", "weights_do_not_move",
            "unscaled_inputs", "learning_rate_too_high", "learning_rate_too_low"});
  return {loss_, layers_, targets_.baseline(), training.learning_rate(), cause_known};
}

void DoctorBody::on_epoch_end(Training& training, int epoch, Logs& logs) {
  if (over_) return;
  const double* loss = find_log(logs, "loss");
  if (!loss || !std::isfinite(*loss)) return;
  const Say say = sayer();
  if (!looked_at_inputs_ && features_.rows() >= kFewRowsOfFeatures) judge_features(features_, say);
  if (first_epoch_ && targets_.rows() > 0) {
    judge_classes(targets_, say);
    first_epoch_ = false;
  }
  loss_.end_period();
  loss_.end_epoch(*loss);
  if (epoch >= kEpochsToTellClasses && step_ >= kStepsToTellClasses) {
    for (const char* name :
         {"accuracy", "acc", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"})
      if (const double* accuracy = find_log(logs, name)) judge_accuracy(targets_, *accuracy, say);
    if (predicted_.size() == 2) {
      std::vector<double> seen = predicted_[0];
      for (size_t c = 0; c < seen.size(); ++c) seen[c] += predicted_[1][c];
      judge_predictions(seen, targets_, say);
    }
  }
  judge_period(course(training), say);
  judge_epoch(course(training), say);
  const double* validation = find_log(logs, "val_loss");
  if (validation && std::isfinite(*validation)) {
    validation_.end_epoch(epoch, *loss, *validation);
    judge_validation(validation_, say);
  }
}

void DoctorBody::look_for_non_finite(ModelFit& training, double loss) {
  over_ = true;
  std::string layer;
  const std::string where = first_non_finite(training, layer);
  Finding finding{Severity::serious, "non_finite", layer};
  finding.number = static_cast<double>(step_);
  finding.sentence = fmt::format("The loss became {} in step {}: {}.", loss, step_, where);
  finding.remedy =
      layer.empty() && where.starts_with("array")
          ? "cleaning the data"
          : "a smaller learning rate (D2), gradient clipping (C8), scaled inputs (B1, B2), and a look "
            "at logarithms, roots and divisions near 0 in functions of your own";
  say(std::move(finding), 1);
  print();  // fit may be ended by the next callback
}

// The batch, or else the first layer that gives something not finite with the weights of the latest look: the
// step that has just been taken has spoilt the present ones.
std::string DoctorBody::first_non_finite(ModelFit& training, std::string& layer) const {
  const std::string now = training.find_non_finite();
  if (now.starts_with("array ") || weights_.empty())
    return now.empty() ? "no array of the batch and no weight holds such a number" : now;
  const std::vector<Tensor> present = training.get_weights();
  training.set_weights(weights_);
  const Batch& batch = training.batch();
  const LayerStatistics statistics = Probe(training.model(), batch, batch.rows).run(batch).statistics;
  training.set_weights(present);
  const std::string with = "with the weights of the latest look at this batch, ";
  for (const LayerReport& report : statistics.layers)
    if (!report.finite) {
      layer = report.layer;
      return fmt::format("{}{} is the first whose output is not finite", with, label_of(report));
    }
  for (auto report = statistics.layers.rbegin(); report != statistics.layers.rend(); ++report)
    if (!std::isfinite(report->gradient_norm) || !std::isfinite(report->update_norm)) {
      layer = report->layer;
      return fmt::format("{}{} is the first on the way back whose gradient is not finite", with,
                         label_of(*report));
    }
  if (!std::isfinite(statistics.loss)) return with + "all layers give finite numbers, but the loss does not";
  return fmt::format("the weights have grown out of bounds since the latest look at step {}{}", looked_,
                     now.empty() ? "" : "; now " + now);
}

}  // namespace

Doctor::Doctor(DoctorOptions options) : Callback(std::make_shared<DoctorBody>(options)) {}
const std::vector<Finding>& Doctor::findings() const {
  return static_cast<const DoctorBody&>(*body_).findings();
}
const LayerStatistics& Doctor::latest() const { return static_cast<const DoctorBody&>(*body_).latest(); }

}  // namespace folio

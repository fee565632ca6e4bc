// Naive Bayes classifiers: Bayes' rule with features taken as independent within a class, so that
// P(x|C) = P(x_1|C) P(x_2|C) … Definitions, names and defaults are scikit-learn's. (sheet H1, H2)
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "folio/analysis/feature_rows.h"
#include "folio/base/json.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// What all kinds share. Classes are whole numbers, any of them; columns of results follow `classes()`.
/// Samples are finite. Every method throws `Error` for shapes or values that do not fit, and then changes
/// nothing.
class NaiveBayes {
 public:
  virtual ~NaiveBayes() = default;
  /// "GaussianNB", …
  virtual std::string kind() const = 0;

  /// Forgets what was learned, then learns from x, (rows, features), and y, (rows,), with the classes found
  /// in y. sample_weight: (rows,), not negative; without memory for 1 each.
  void fit(const FeatureRows& x, const Tensor& y, const Tensor& sample_weight = {});
  /// Learns from more samples. The first call names all classes there will ever be.
  void partial_fit(const FeatureRows& x, const Tensor& y, const std::vector<int64_t>& classes = {},
                   const Tensor& sample_weight = {});

  /// log P(x, C) = log P(C) + log P(x|C), float64 (rows, classes).
  Tensor joint_log_likelihood(const FeatureRows& x) const;
  /// log P(C|x). A row that no class can produce gives log P(C).
  Tensor predict_log_proba(const FeatureRows& x) const;
  Tensor predict_proba(const FeatureRows& x) const;
  /// The most probable class of each row, int64 (rows,); the first of several.
  Tensor predict(const FeatureRows& x) const;
  /// The share of rows whose class is predicted.
  double score(const FeatureRows& x, const Tensor& y) const;

  /// P(C) from now on, also through later fits; likelihoods stay as they are. An empty list returns to the
  /// priors that the options ask for: learned, or all equal. (sheet H2)
  void set_priors(const std::vector<double>& priors);
  /// P(C) in use.
  std::vector<double> priors() const;

  const std::vector<int64_t>& classes() const { return state_.classes; }
  /// The sum of weights of the samples seen of each class.
  const std::vector<double>& class_count() const { return state_.class_count; }
  bool fitted() const { return !state_.classes.empty(); }

  /// Writes options and what was learned as JSON; `load_naive_bayes` reads it.
  void save(const std::string& path) const;

 protected:
  /// What was learned, as sums that can go on growing.
  struct State {
    int64_t features = 0;
    std::vector<int64_t> classes;
    std::vector<double> class_count;
    std::map<std::string, std::vector<double>> tables;  ///< what a kind keeps, by name; (classes, features)
  };
  /// Samples with the class index of each row and its weight.
  struct Samples {
    const FeatureRows& x;
    std::vector<size_t> classes;
    std::vector<double> weights;
  };

  /// Throws `Error` for priors that are none; an empty list gives none.
  NaiveBayes(const std::string& kind, std::vector<double> priors, bool fit_prior);
  NaiveBayes(const NaiveBayes&) = default;
  NaiveBayes& operator=(const NaiveBayes&) = default;

  /// The tables of `State`, in the order of files.
  virtual std::vector<std::string> table_names() const = 0;
  /// Throws `Error` for a value that this kind of likelihood does not know.
  virtual void check_values(const FeatureRows&) const {}
  /// Adds samples to the tables, whose `class_count` still holds what came before.
  virtual void count(State& state, const Samples& samples) const = 0;
  /// Computes from `state()` what `add_log_likelihoods` needs.
  virtual void learn() = 0;
  /// Whether log P(C) is part of the joint log likelihood.
  virtual bool uses_priors() const { return true; }
  /// Adds log P(x|C) of one row to `joint`, one number per class.
  virtual void add_log_likelihoods(const FeatureRows& x, int64_t row, double* joint) const = 0;
  virtual Json options() const = 0;

  const State& state() const { return state_; }
  /// A table as float64 (classes, features). Throws `Error` before anything is learned.
  Tensor table(const std::string& name) const;
  std::vector<double> log_priors() const;

 private:
  friend std::unique_ptr<NaiveBayes> load_naive_bayes(const std::string& path);
  State fresh_state(std::vector<int64_t> classes, int64_t features) const;
  void add(State state, const FeatureRows& x, const Tensor& y, const Tensor& sample_weight);
  void accept(State state);
  void need_fitted(const FeatureRows& x) const;

  std::vector<double> given_priors_;
  bool fit_prior_;
  State state_;
};

/// Reads a file that `NaiveBayes::save` wrote, of at most 64 MiB. Throws `Error` naming file and fault.
std::unique_ptr<NaiveBayes> load_naive_bayes(const std::string& path);

struct GaussianNBOptions {
  std::vector<double> priors = {};  ///< given; otherwise learned
  double var_smoothing = 1e-9;  ///< this part of the largest variance of a feature is added to all variances
};

/// Features are normally distributed within a class, P(x_i|C) = N(x_i; θ_Ci, σ²_Ci). A variance that is 0 in
/// spite of the smoothing (all features constant, or no smoothing) counts as the smallest positive double,
/// where scikit-learn divides by 0.
class GaussianNB final : public NaiveBayes {
 public:
  explicit GaussianNB(GaussianNBOptions options = {});
  std::string kind() const override { return "GaussianNB"; }
  /// Means and smoothed variances, float64 (classes, features).
  Tensor theta() const { return table("theta"); }
  Tensor var() const { return table("var"); }

 private:
  std::vector<std::string> table_names() const override { return {"theta", "var"}; }
  void count(State& state, const Samples& samples) const override;
  void learn() override;
  void add_log_likelihoods(const FeatureRows& x, int64_t row, double* joint) const override;
  Json options() const override;

  GaussianNBOptions options_;
  std::vector<double> variance_, log_scale_;
};

struct MultinomialNBOptions {
  double alpha = 1;                      ///< added to each count (Laplace, Lidstone); 0 is taken as it stands
  bool fit_prior = true;                 ///< otherwise all classes are equally probable
  std::vector<double> class_prior = {};  ///< given
};

/// What classifiers of counts share: the weighted sum of each feature in each class.
class CountingNB : public NaiveBayes {
 public:
  /// float64 (classes, features).
  Tensor feature_count() const { return table("feature_count"); }

 protected:
  CountingNB(const std::string& kind, double alpha, const std::vector<double>& class_prior, bool fit_prior);
  std::vector<std::string> table_names() const override { return {"feature_count"}; }
  void check_values(const FeatureRows& x) const override;
  void count(State& state, const Samples& samples) const override;
  /// The entries that are counted: those of the sample unless a kind sees something else in it.
  virtual const std::vector<FeatureEntry>& counted(const FeatureRows& x, int64_t row,
                                                   std::vector<FeatureEntry>& buffer) const {
    return x.entries(row, buffer);
  }
  void add_log_likelihoods(const FeatureRows& x, int64_t row, double* joint) const override;

  std::vector<double> log_probability_;  // (features, classes): what a count of 1 adds to each class
};

/// Features are counts, P(x|C) ∝ Π p_Ci^x_i with p_Ci = (count_Ci + alpha) / (count_C + alpha · features). A
/// feature that does not occur in a sample says nothing, even where p_Ci is 0.
class MultinomialNB final : public CountingNB {
 public:
  explicit MultinomialNB(MultinomialNBOptions options = {});
  std::string kind() const override { return "MultinomialNB"; }

 private:
  void learn() override;
  Json options() const override;
  MultinomialNBOptions options_;
};

struct ComplementNBOptions {
  double alpha = 1;   ///< above 0
  bool norm = false;  ///< divide the weights of a class by their sum
  bool fit_prior = true;
  std::vector<double> class_prior = {};
};

/// Rennie and others 2003: each class by the counts of all others, for imbalanced sets of texts. A score, not
/// a likelihood: priors count only when there is a single class.
class ComplementNB final : public CountingNB {
 public:
  explicit ComplementNB(ComplementNBOptions options = {});
  std::string kind() const override { return "ComplementNB"; }

 private:
  bool uses_priors() const override { return classes().size() == 1; }
  void learn() override;
  Json options() const override;
  ComplementNBOptions options_;
};

struct BernoulliNBOptions {
  double alpha = 1;
  std::optional<double> binarize =
      0.0;  ///< not negative; features above it are 1; none: they are 0 or 1 already
  bool fit_prior = true;
  std::vector<double> class_prior = {};
};

/// Features are 0 or 1, and their absence counts too: P(x|C) = Π p_Ci^x_i (1 - p_Ci)^(1 - x_i) with
/// p_Ci = (count_Ci + alpha) / (count_C + 2 alpha).
class BernoulliNB final : public CountingNB {
 public:
  explicit BernoulliNB(BernoulliNBOptions options = {});
  std::string kind() const override { return "BernoulliNB"; }

 private:
  void check_values(const FeatureRows& x) const override;
  const std::vector<FeatureEntry>& counted(const FeatureRows& x, int64_t row,
                                           std::vector<FeatureEntry>& buffer) const override;
  void learn() override;
  void add_log_likelihoods(const FeatureRows& x, int64_t row, double* joint) const override;
  Json options() const override;

  BernoulliNBOptions options_;
  std::vector<double> log_absence_;    // (features, classes)
  std::vector<double> none_present_;   // of each class, the finite part of log P(0|C)
  std::vector<int64_t> always_there_;  // of each class, how many features it is never without
};

}  // namespace folio

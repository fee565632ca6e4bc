// Bayes' rule by hand, the sheet's "classifier H/F": P(C|x) = P(x|C) P(C) / P(x), for two classes of which
// one is rare. (The print has 60/70 once where it means 66/70.)
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>

using namespace folio;

int main() {
  const Tensor likelihoods = Tensor::of<double>({1, 2}, {0.2, 0.8});  // p(x|F), p(x|G)
  const std::vector<double> priors = {4.0 / 70, 66.0 / 70};           // P(F), P(G)
  const Tensor result = posterior(likelihoods, priors);
  std::printf("p(x) = %.4f, P(F|x) = %.4f, P(G|x) = %.4f\n", evidence(likelihoods, priors).at(0),
              result.at(0), result.at(1));

  // The prior can be changed: with as many F as G, the same x speaks for F with 0.2 / (0.2 + 0.8).
  BayesClassifier classifier(likelihoods, priors);
  const auto probability = [&](double prior) {
    classifier.set_priors({prior, 1 - prior});
    return classifier.predict_proba(Tensor::of<int64_t>({1}, {0})).at(0);
  };
  std::printf("prior of F   P(F|x)\n");
  for (double prior : {4.0 / 70, 0.5, 0.8, 0.9}) std::printf("    %.4f   %.4f\n", prior, probability(prior));

  std::vector<double> x, y;
  for (int i = 0; i <= 100; ++i) {
    x.push_back(i / 100.0);
    y.push_back(probability(x.back()));
  }
  Plot plot("What the same observation says under other priors");
  plot.line("P(F|x)", x, y).scatter("the sheet's prior", {4.0 / 70}, {result.at(0)});
  plot.x_axis({.label = "prior of F"}).y_axis({.label = "P(F|x)"});
  write_file_atomically("bayes_hf.svg", plot.svg());
  return std::abs(result.at(0) - 0.0149) < 5e-5 && std::abs(result.at(1) - 0.9851) < 5e-5 ? 0 : 1;
}

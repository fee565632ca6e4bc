// Words as vectors: the files in which GloVe, word2vec and fastText exchange them, and which words are near.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "folio/base/file.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// words[i] has row i.
struct WordVectors {
  std::vector<std::string> words;  ///< each once, UTF-8
  Tensor vectors;                  ///< float32 (words, width)
  int64_t width() const { return vectors.shape()[1]; }
};

/// Whether the name is one of a file of vectors: .txt, .vec or .bin, also with .gz behind it.
bool is_vector_file(const std::string& path);

/// Reads text of GloVe (a line of a word and its numbers, which are taken from its end, as words may hold
/// blanks), text of word2vec and fastText (the same below a line of two numbers, how many words and how
/// wide), or the binary form of word2vec (.bin), plain or gzip'ed. Of a word that comes twice the first row
/// counts; bytes that are no UTF-8 become U+FFFD. Throws `Error` naming the line or the word for rows of
/// another width, numbers that are not finite, files cut short, and claims that the file is too small for.
WordVectors read_word_vectors(const std::string& path, uint64_t limit = default_load_limit());

/// Writes .txt as GloVe, .vec as text of word2vec, or .bin as word2vec's binary form. Numbers arrive bit for
/// bit. Throws `Error` for another name, and in .bin for words that are empty or hold a blank or a line end.
void write_word_vectors(const std::string& path, const WordVectors& vectors);

/// A word with a share of +1 or -1 in what is looked for.
struct WordTerm {
  std::string word;
  double sign = 1;
};
/// "king", "-", "man", "+", "woman" as terms. Throws `UsageError` for signs without a word.
std::vector<WordTerm> word_terms(const std::vector<std::string>& tokens);

/// The words whose vectors point most nearly where the sum of the terms (each of length 1) does, with the
/// cosine of the angle between; among equals the one that comes first. The terms themselves are left out.
/// Throws `Error` naming a word that is not known, with the nearest spelling.
std::vector<std::pair<std::string, double>> nearest_words(const WordVectors& vectors,
                                                          const std::vector<WordTerm>& terms, int64_t count);

/// Where rows lie in the plane in which they differ most, by the two first principal components: float64
/// (rows, 2). The sign of each is that of its largest entry in the component.
Tensor principal_plane(const Tensor& rows);

}  // namespace folio

# Writes a C++ source that holds text files by their names without ending:
#   cmake -DOUTPUT=a.cpp -DHEADER=a.h -DFUNCTION=pages "-DFILES=x.md;y.md" -P embed_pages.cmake
set(text "#include \"${HEADER}\"\n\nconst std::vector<folio::cli::Page>& folio::cli::${FUNCTION}() {\n")
string(APPEND text "  static const std::vector<Page> all = {\n")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" content)
  # Compilers need not take more than 65,536 bytes a literal; pages are far below that.
  string(APPEND text "      {\"${name}\", R\"__page__(${content})__page__\"},\n")
endforeach()
string(APPEND text "  };\n  return all;\n}\n")
file(WRITE "${OUTPUT}" "${text}")

# Turns text files into a C++ source: cmake -DOUTPUT=… -DHEADER=… -DNAMES=kA;kB -DFILES=a;b -P embed.cmake
# defines for each name a string_view with the file's text, and NAMESha256 with its checksum.
set(source "#include \"${HEADER}\"\n\nnamespace folio {\n\n")
foreach(name file IN ZIP_LISTS NAMES FILES)
  file(READ "${file}" text)
  file(SHA256 "${file}" checksum)
  string(APPEND source "extern const std::string_view ${name}, ${name}Sha256;\n")
  string(APPEND source "const std::string_view ${name} = R\"folio(${text})folio\";\n")
  string(APPEND source "const std::string_view ${name}Sha256 = \"${checksum}\";\n\n")
endforeach()
string(APPEND source "}  // namespace folio\n")
file(WRITE "${OUTPUT}" "${source}")

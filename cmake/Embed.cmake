# Writes INPUT's bytes into OUTPUT as a C++ string_view named SYMBOL in namespace crosswalk::embedded.
file(READ ${INPUT} hex HEX)
# A literal may not be longer than the compiler's limit, so it is cut into adjacent pieces of 32 bytes.
string(REGEX REPLACE "(................................................................)" "\\1\"\n\"" pieces "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" pieces "${pieces}")
string(LENGTH "${hex}" digits)
math(EXPR bytes "${digits} / 2")
file(WRITE ${OUTPUT}
     "#include <string_view>\nnamespace crosswalk::embedded {\nextern const std::string_view ${SYMBOL};\n"
     "const std::string_view ${SYMBOL}{\n\"${pieces}\", ${bytes}};\n}\n")

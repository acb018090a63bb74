# One static library per room. A room links only to the rooms named in KNOWS, and sees only their headers through
# a room-scoped include tree, so an include that crosses a wall does not compile and a call that does, does not link.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(date REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-i18n)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD_OR_GOLD NAMES mold ld.gold)
if(MOLD_OR_GOLD MATCHES gold)
  add_link_options(-fuse-ld=gold)
elseif(MOLD_OR_GOLD)
  add_link_options(-fuse-ld=mold)
endif()

# GCC 12 warns wrongly of coroutine frames (mismatched-new-delete) and of std::string's operator+ (restrict).
add_compile_options(-Wall -Wextra -Wpedantic -Werror=switch -Wno-psabi -Wno-mismatched-new-delete -Wno-restrict -fno-omit-frame-pointer)
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                        SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
if(CROSSWALK_SANITIZE)
  add_compile_options(-fsanitize=${CROSSWALK_SANITIZE} -fno-sanitize-recover=all -g1)
  add_link_options(-fsanitize=${CROSSWALK_SANITIZE})
endif()

# The programs' allocator (docs/decisions/008-allocator.md). A sanitizer brings its own.
if(NOT CROSSWALK_SANITIZE)
  pkg_check_modules(TCMALLOC REQUIRED IMPORTED_TARGET libtcmalloc_minimal)
endif()

# crosswalk_program(<target>): what the finished programs have in common.
function(crosswalk_program target)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  if(NOT CROSSWALK_SANITIZE)
    target_link_libraries(${target} PRIVATE PkgConfig::TCMALLOC)
  endif()
endfunction()

set(CROSSWALK_ROOM_TREE ${CMAKE_BINARY_DIR}/rooms)

# crosswalk_room(<name> DIRECTORY <dir> KNOWS <rooms...> LIBRARIES <external...>)
function(crosswalk_room name)
  cmake_parse_arguments(ROOM "" "DIRECTORY" "KNOWS;LIBRARIES" ${ARGN})
  if(NOT ROOM_DIRECTORY)
    set(ROOM_DIRECTORY ${name})
  endif()
  set(directory ${CMAKE_SOURCE_DIR}/src/${ROOM_DIRECTORY})
  file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.cc)
  # The include tree of a room holds a link to its own folder and nothing else.
  get_filename_component(parent ${ROOM_DIRECTORY} DIRECTORY)
  file(MAKE_DIRECTORY ${CROSSWALK_ROOM_TREE}/${name}/${parent})
  file(CREATE_LINK ${directory} ${CROSSWALK_ROOM_TREE}/${name}/${ROOM_DIRECTORY} SYMBOLIC)
  add_library(crosswalk_${name} STATIC ${sources} ${CMAKE_SOURCE_DIR}/cmake/room.cc)
  target_include_directories(crosswalk_${name} PUBLIC ${CROSSWALK_ROOM_TREE}/${name})
  foreach(known ${ROOM_KNOWS})
    target_link_libraries(crosswalk_${name} PUBLIC crosswalk_${known})
  endforeach()
  target_link_libraries(crosswalk_${name} PUBLIC ${ROOM_LIBRARIES})
endfunction()

# crosswalk_embed(<target> <symbol> <file>): the file's bytes as `extern const std::string_view <symbol>`.
function(crosswalk_embed target symbol file)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.cc)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${file} -DOUTPUT=${output} -DSYMBOL=${symbol}
            -P ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${file} ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

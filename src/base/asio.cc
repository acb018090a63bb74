// Asio is compiled once, here, for all rooms.
#include <boost/asio/impl/src.hpp>

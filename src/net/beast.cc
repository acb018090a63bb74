// Beast and Asio's TLS are compiled once, here; Asio itself is compiled in the base room.
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>

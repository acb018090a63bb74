// Lets a room of headers be a library like every other.

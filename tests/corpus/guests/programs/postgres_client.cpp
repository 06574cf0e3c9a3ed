#include <libpq-fe.h>
#include <unistd.h>

#include <string>

#include "tests/corpus/guests/programs/clients.hpp"

namespace rehearsal::guests {

int postgres_client(const Server& server, int rounds) {
  constexpr int max_connections = 20;
  const std::string where =
      std::string("host=") + server.host + " port=" + std::to_string(server.port) +
      " user=guest dbname=test sslmode=disable gssencmode=disable passfile=/etc/pgpass";
  int answered = 0;
  for (int i = 0; i < max_connections && answered < rounds; ++i) {
    PGconn* connection = PQconnectdb(where.c_str());
    if (PQstatus(connection) != CONNECTION_OK) {
      usleep(100'000);
    }
    while (PQstatus(connection) == CONNECTION_OK && answered < rounds) {
      const std::string value = "row " + std::to_string(answered);
      PGresult* result = PQexec(connection, ("SELECT '" + value + "'").c_str());
      if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        const bool right = PQntuples(result) == 1 && PQgetvalue(result, 0, 0) == value;
        answered = right ? answered + 1 : -1;
      }
      PQclear(result);
      if (answered < 0) {
        PQfinish(connection);
        return -1;
      }
    }
    PQfinish(connection);
  }
  return answered;
}

}  // namespace rehearsal::guests

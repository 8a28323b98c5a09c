/** Yoga with a schema of one field and nothing around it, on node:http: what GraphQL costs before it does anything. */
import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { listenSomewhere } from "../process/port.ts";

const schema = createSchema({ typeDefs: "type Query { hello: String }" });
const yoga = createYoga({ schema, graphiql: false, landingPage: false, logging: false });
const server = createServer((request, response) => void yoga(request, response));
process.stdout.write(`ready ${await listenSomewhere(server)}\n`);

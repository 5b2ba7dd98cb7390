import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openapitools.client.ApiClient;

/** Reads examples with generated Java and writes them again, as read_examples.py does. */
class ReadExamples {
  public static void main(String[] none) throws Exception {
    ObjectMapper mapper = ApiClient.createDefaultObjectMapper();
    PrintStream out = new PrintStream(System.out, true, "UTF-8");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] parts = line.split("\t");
      Class<?> kind = Class.forName("org.openapitools.client.model." + parts[1]);
      String said;
      try {
        said = mapper.writeValueAsString(mapper.readValue(Files.readString(Path.of(parts[0])), kind));
      } catch (JsonProcessingException refused) {
        said = "!" + refused.getClass().getSimpleName();
      }
      out.println(parts[0] + "\t" + said);
    }
  }
}
